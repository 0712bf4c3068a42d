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

from convert import HERE, KINDS, STEPS, WIDTH, File, Seen, floats, linear

MAGIC = b"FNREADR1"


def watch(model, tokenizer, sentences, typed):
    """What comes into each matrix of each layer, over the sentences, each beside the next."""
    seen, hooks = [], []
    for layer in model.encoder.layer:
        parts = (layer.attention.self.query, True), (layer.attention.output.dense, False), (layer.intermediate.dense, True), (layer.output.dense, False)
        seen.append([Seen(m.in_features, smoothed) for m, smoothed in parts])
        hooks += [m.register_forward_pre_hook(s.see) for (m, _), s in zip(parts, seen[-1])]
    with torch.no_grad():
        for a, b in zip(sentences, sentences[1:] + sentences[:1]):
            e = tokenizer.encode(a, b)
            ids, types = torch.tensor([e.ids[:160]]), torch.tensor([e.type_ids[:160]])
            model(input_ids=ids, attention_mask=torch.ones_like(ids), token_type_ids=types if typed else torch.zeros_like(ids))
    for h in hooks:
        h.remove()
    return seen


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
                e = tokenizer.encode(q["question"], text)
                ids, types = torch.tensor([e.ids]), torch.tensor([e.type_ids])
                with torch.no_grad():
                    rows = model(input_ids=ids, attention_mask=torch.ones_like(ids), token_type_ids=types if english else torch.zeros_like(ids)).last_hidden_state[0]
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
    seen = watch(model, tokenizer, (HERE / "calibration" / kind["calibration"]).read_text().splitlines(), english)
    head = torch.load(args.folder / "head.pt")

    file = File()
    types = floats(model.embeddings.token_type_embeddings.weight)
    file.put(types[1] - types[0] if english else np.zeros(WIDTH), "<f4")
    file.put(floats(head["weight"])[0], "<f4")
    file.put(floats(head["bias"]), "<f4")
    for layer, (queries, attention, expand, contract) in list(zip(model.encoder.layer, seen))[len(seen) - args.own :]:
        a, root = layer.attention.self, 1 / np.sqrt(WIDTH // 12)
        weight = np.concatenate([floats(a.query.weight) * root, floats(a.key.weight), floats(a.value.weight)])
        linear(file, weight, np.concatenate([floats(a.query.bias) * root, floats(a.key.bias), floats(a.value.bias)]), queries)
        for m, s in (layer.attention.output.dense, attention), (layer.intermediate.dense, expand), (layer.output.dense, contract):
            linear(file, floats(m.weight), floats(m.bias), s)
        for norm in (layer.attention.output.LayerNorm, layer.output.LayerNorm):
            file.put(floats(norm.weight), "<f4")
            file.put(floats(norm.bias), "<f4")
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
