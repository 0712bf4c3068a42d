// Package bot is the Discord edge of Footnote.
package bot
