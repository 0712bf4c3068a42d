// Footnote answers questions with sentences from fact files, and cites every one.
package main

func main() {}
