#!/usr/bin/env python3
"""reader.py FOLDER OUT WEIGHTS OWN [--tokenizer FOLDER]: a pair reader, as pairs.py leaves it, as a weights file of knowledge/encoder, and the references of its test.

FOLDER holds a BertModel and head.pt. WEIGHTS is the weights file of the encoder that it was made from: its table and its layers but for the last OWN are taken from there, so in
training they must have stayed as they were. The layers are made 8-bit as convert.py does it; the calibration sentences are read in pairs. The same input gives the same bytes.

The references are the log-odds in full precision of the first questions of some bases, each beside a fact that answers it and one that stands elsewhere:
knowledge/encoder/testdata/*-reader.jsonl.
"""
import argparse
import hashlib
import json
import pathlib
import struct

import numpy as np
import torch
import yaml
from tokenizers import Tokenizer
from transformers import AutoModel

from convert import HERE, KINDS, STEPS, WIDTH, File, floats, put_layer, watch

MAGIC = b"FNREADR1"


def together(tokenizer, question, text, typed):
    """A model's arguments for two texts in one."""
    e = tokenizer.encode(question, text)
    ids, types = torch.tensor([e.ids[:160]]), torch.tensor([e.type_ids[:160]])
    return dict(input_ids=ids, attention_mask=torch.ones_like(ids), token_type_ids=types if typed else torch.zeros_like(ids))


BASES = {True: ["makerspace", "linux-distro"], False: ["escalade-fr", "schachverein-de", "mmo-guild-ja"]}


def references(model, head, tokenizer, english):
    """Pairs with their log-odds."""
    fresh = HERE / "../../../knowledge/testdata/fresh"
    for name in BASES[english]:
        facts = yaml.safe_load((fresh / name / "facts.yaml").read_text())["facts"]
        texts = {f["id"]: f["text"] for f in facts}
        questions = [q for q in map(json.loads, (fresh / name / "questions.jsonl").read_text().splitlines()) if q["gold"] and not q["history"]]
        for i, q in enumerate(questions[:24]):
            for text in texts[q["gold"][0]], facts[7 * i % len(facts)]["text"]:
                with torch.no_grad():
                    rows = model(**together(tokenizer, q["question"], text, english)).last_hidden_state[0]
                odds = (rows.mean(0) @ head["weight"][0] + head["bias"][0]).item()
                yield json.dumps({"Question": q["question"], "Text": text, "Odds": round(odds, 4)}, ensure_ascii=False)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("weights", type=pathlib.Path)
    args.add_argument("own", type=int)
    args.add_argument("--tokenizer", type=pathlib.Path, help="the folder of tokenizer.json, where it is another one")
    args = args.parse_args()
    torch.set_num_threads(1)
    model = AutoModel.from_pretrained(args.folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = Tokenizer.from_file(str((args.tokenizer or args.folder) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    english = "[CLS]" in tokenizer.get_vocab()
    kind = KINDS["WordPiece" if english else "Unigram"]
    sentences = (HERE / "calibration" / kind["calibration"]).read_text().splitlines()
    seen = watch(model, [together(tokenizer, a, b, english) for a, b in zip(sentences, sentences[1:] + sentences[:1])])
    head = torch.load(args.folder / "head.pt")

    file = File()
    types = floats(model.embeddings.token_type_embeddings.weight)
    file.put(types[1] - types[0] if english else np.zeros(WIDTH), "<f4")
    file.put(floats(head["weight"])[0], "<f4")
    file.put(floats(head["bias"]), "<f4")
    for layer, s in list(zip(model.encoder.layer, seen))[len(seen) - args.own :]:
        put_layer(file, layer, s)
    top = struct.pack("<Q4I", 192 + file.size, args.own, 1 if english else 2, model.config.intermediate_size, STEPS)
    top += args.weights.read_bytes()[8:40]
    body = top.ljust(192 - 40, b"\0") + b"".join(file.parts)
    digest = hashlib.sha256(body)
    args.out.write_bytes(MAGIC + digest.digest() + body)
    name = "english" if english else "multilingual"
    (HERE / f"../../../knowledge/encoder/testdata/{name}-reader.jsonl").write_text("\n".join(references(model, head, tokenizer, english)) + "\n")
    print(f"{args.out}: {40 + len(body)} bytes, hash {digest.hexdigest()}")


if __name__ == "__main__":
    main()
