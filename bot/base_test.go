package bot

import "testing/fstest"

// oneFact is the smallest folder of facts.
var oneFact = fstest.MapFS{"office.yaml": {Data: []byte(`sources:
  article: {title: "The article"}
facts:
  - id: tokyo-office
    text: NATO is reported to be planning a liaison office in Tokyo.
    cite: [{paragraph: 1}]
`)}}
