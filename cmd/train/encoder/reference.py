#!/usr/bin/env python3
"""reference.py FOLDER OUT [--tokenizer FOLDER]: what the tokenizers library and the model in full precision make of the texts in
knowledge/encoder/testdata/texts.jsonl (a text a line, as a JSON string), for the tests of knowledge/encoder.

OUT is JSON lines, one a text, in the order of the texts: {"ids": [...], "vector": "..."}; ids as the tokenizer gives them uncut (those of a question: Multilingual
reads "query: " first), vector of the first 256 or 512 of them: 384 halfs (float16, little-endian) in base64.
"""
import argparse
import base64
import json
import pathlib

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from convert import HERE, KINDS

TEXTS = HERE / "../../../knowledge/encoder/testdata/texts.jsonl"


def plain(source):
    """The tokenizer of the file, to which nothing in a text is a special piece, and the ids around each text."""
    described = json.loads(source.read_text())
    kind = KINDS[described["model"]["type"]]
    special = {t["content"] for t in described["added_tokens"]}
    vocab = described["model"]["vocab"]
    ids = dict(vocab) if isinstance(vocab, dict) else {p: i for i, (p, _) in enumerate(vocab)}
    first, last = (ids[name] for name in kind["special"][:2])
    kept = "[UNK]"
    # A name that no text has: letters that are not characters, but for the unknown piece of WordPiece, which is found by its name (and split up by its brackets).
    name = lambda p: p if p not in special or p == kept else f"\ufdd0{p}"
    described["model"]["vocab"] = {name(p): i for p, i in vocab.items()} if isinstance(vocab, dict) else [[name(p), s] for p, s in vocab]
    for part in ("added_tokens", "truncation", "padding", "post_processor"):
        described[part] = [] if part == "added_tokens" else None
    return Tokenizer.from_str(json.dumps(described)), kind, first, last


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("--tokenizer", type=pathlib.Path, help="the folder of tokenizer.json, where it is another one")
    args = args.parse_args()
    torch.set_num_threads(1)
    model = AutoModel.from_pretrained(args.folder, dtype=torch.float32).eval()
    tokenizer, kind, first, last = plain((args.tokenizer or args.folder) / "tokenizer.json")
    with args.out.open("w") as out, torch.no_grad():
        for line in TEXTS.read_text().splitlines():
            ids = [first, *tokenizer.encode(kind["prefixes"][0] + json.loads(line)).ids, last]
            read = torch.tensor([ids if len(ids) <= kind["limit"] else [*ids[: kind["limit"] - 1], last]])
            v = model(input_ids=read, attention_mask=torch.ones_like(read)).last_hidden_state[0].mean(0)
            v = (v / v.norm()).numpy().astype("<f2")
            out.write(json.dumps({"ids": ids, "vector": base64.b64encode(v.tobytes()).decode()}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
