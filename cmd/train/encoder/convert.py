#!/usr/bin/env python3
"""convert.py FOLDER OUT [--tokenizer FOLDER] [--calibration FILE]: a transformers folder of a BertModel as a weights file of knowledge/encoder.

The folder is one that folders.py makes, or a tuned one as save_pretrained leaves it; its tokenizer.json may lie in another folder. The tokenizer says which
encoder it is (KINDS). The same input gives the same bytes. What the file is made of is told in knowledge/encoder/README.md.

How the layers are made 8-bit: each row of weights (what one output is summed from) has a scale of its own, chosen so that the kernels may sum STEPS steps of
four inputs in 16 bits: of the weights that fall into one such sum (two inputs of each step), neither the positive nor the negative ones come to more
than 128, and inputs are at most 255, so no sum leaves what 16 bits hold. That leaves some 5 bits for most weights, so it counts how they are rounded: not each to
the nearest, but so that a row's outputs change least on the calibration sentences (see spreading). Inputs that are large in the calibration sentences are made smaller before they are
quantised, and their weights larger ("smoothing", Xiao et al. 2023), or a few large ones would leave no steps for the others.
"""
import argparse
import hashlib
import json
import os
import pathlib
import struct

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is there: sums in the same order each time

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

MAGIC = b"FNENCOD1"
WIDTH, HEADS, STEPS, PANEL = 384, 12, 8, 16
MOST = 128.0  # 255 * 128 <= 32767
HERE = pathlib.Path(__file__).parent
KINDS = {  # by the type of the tokenizer's model
    "WordPiece": dict(number=1, limit=256, bits=8, prefixes=("", ""), special=("[CLS]", "[SEP]", "[UNK]"), calibration="english.txt"),
    "Unigram": dict(number=2, limit=512, bits=4, prefixes=("query: ", "passage: "), special=("<s>", "</s>", "<unk>"), calibration="multilingual.txt"),
}


class File:
    """The sections of a weights file, each from a multiple of 64 bytes on."""

    def __init__(self):
        self.parts, self.size = [], 0

    def put(self, values, form):
        data = np.ascontiguousarray(values, dtype=form).tobytes()
        self.parts.append(data + bytes(-len(data) % 64))
        self.size += len(self.parts[-1])


def floats(parameter):
    return parameter.detach().numpy().astype(np.float32)


def eighths(table):
    """8 bits a number, a scale a row."""
    scale = np.abs(table).max(1) / np.float32(127)
    scale[scale == 0] = 1
    return np.rint(table / scale[:, None]), scale


def quarters(table):
    """4 bits a number, a 16-bit scale for 32 of them: llama.cpp's Q4_0. What was made of such groups comes out as it was.

    The largest number of a group has the code 0, which stands for -8."""
    groups = table.reshape(-1, 32)
    largest = np.take_along_axis(groups, np.abs(groups).argmax(1)[:, None], 1)
    scale = (largest / -8).astype(np.float16)
    divisor = scale.astype(np.float32)
    divisor[divisor == 0] = 1
    code = np.clip(np.rint(groups / divisor) + 8, 0, 15).astype(np.uint8)
    lost = np.abs((code.astype(np.float32) - 8) * scale.astype(np.float32) - groups).max()
    return code[:, :16] | code[:, 16:] << 4, scale, lost


def linear(file, weight, bias, seen):
    """One matrix: panels of 16 outputs, each [inputs / 4][16][4] bytes; per panel the scales, scales times the sums of codes, biases; what inputs are multiplied by."""
    outputs, inputs = weight.shape
    smooth = np.maximum(seen.largest / (1.5 * np.median(seen.largest)), 1) ** 0.75 if seen.smoothed else np.ones(inputs)
    weight = weight * smooth
    spread = spreading(seen.products / np.outer(smooth, smooth))
    code, scale = np.zeros_like(weight), np.abs(weight).max(1) / 127
    scale[scale == 0] = 1
    # The scale that rounding to the nearest needs is soon found, and nearly that which rounding well does.
    for rounding in lambda w, s: np.rint(w / s[:, None]), lambda w, s: rounded(w, s, spread):
        over = np.ones(outputs, bool)
        while over.any():
            code[over] = rounding(weight[over], scale[over])
            full = fullness(code[over])
            scale[over] *= np.where(full > 1, np.maximum(full, 1.01) ** 0.9, 1)
            over[over] = full > 1
    file.put(code.reshape(outputs // PANEL, PANEL, inputs // 4, 4).transpose(0, 2, 1, 3), "i1")
    file.put(np.stack([v.reshape(-1, PANEL) for v in (scale, scale * code.sum(1), bias)], 1), "<f4")
    file.put(1 / smooth, "<f4")


def fullness(code):
    """How near each row comes to what the kernels can hold, which is 1."""
    sums = code.reshape(len(code), -1, STEPS, 2, 2)
    most = np.maximum(np.maximum(sums, 0).sum((2, 4)), np.maximum(-sums, 0).sum((2, 4))).max((1, 2))
    return np.maximum(most / MOST, np.abs(code).max(1) / 127)


def spreading(products):
    """How the error of rounding the weight of one input is best spread over the weights of the inputs after it, by the inputs' products in the calibration
    sentences (GPTQ, Frantar et al. 2023)."""
    damped = products + np.eye(len(products)) * 0.01 * np.diag(products).mean()
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    return upper / np.diag(upper)[:, None]


def rounded(weight, scale, spread):
    """The weights divided by their rows' scales and rounded, each row so that the outputs change little. Inputs are taken in blocks, only to be fast."""
    rest, code = weight / scale[:, None], np.empty_like(weight)
    for a in range(0, weight.shape[1], 64):
        b = a + 64
        for i in range(a, b):
            code[:, i] = np.rint(rest[:, i])
            rest[:, i] -= code[:, i]
            rest[:, i + 1 : b] -= np.outer(rest[:, i], spread[i, i + 1 : b])
        rest[:, b:] -= rest[:, a:b] @ spread[a:b, b:]
    return code


class Seen:
    """What came into a matrix: the largest absolute value of each input, and the sums of products of any two."""

    def __init__(self, inputs, smoothed):
        self.largest, self.products, self.smoothed = np.zeros(inputs), np.zeros((inputs, inputs)), smoothed

    def see(self, _, inputs):
        x = inputs[0].reshape(-1, inputs[0].shape[-1])
        self.largest = np.maximum(self.largest, x.abs().amax(0).numpy())
        self.products += (x.T @ x).numpy()


def watch(model, inputs):
    """What comes into each matrix of each layer, over the inputs (a model's arguments each)."""
    seen, hooks = [], []
    for layer in model.encoder.layer:
        parts = (layer.attention.self.query, True), (layer.attention.output.dense, False), (layer.intermediate.dense, True), (layer.output.dense, False)
        seen.append([Seen(m.in_features, smoothed) for m, smoothed in parts])
        hooks += [m.register_forward_pre_hook(s.see) for (m, _), s in zip(parts, seen[-1])]
    with torch.no_grad():
        for i in inputs:
            model(**i)
    for h in hooks:
        h.remove()
    return seen


def put_layer(file, layer, seen):
    """One layer: its four matrices and two normalisations."""
    queries, attention, expand, contract = seen
    a, root = layer.attention.self, 1 / np.sqrt(WIDTH // HEADS)  # root: of the attention's scores, taken into the queries
    weight = np.concatenate([floats(a.query.weight) * root, floats(a.key.weight), floats(a.value.weight)])
    linear(file, weight, np.concatenate([floats(a.query.bias) * root, floats(a.key.bias), floats(a.value.bias)]), queries)
    for m, s in (layer.attention.output.dense, attention), (layer.intermediate.dense, expand), (layer.output.dense, contract):
        linear(file, floats(m.weight), floats(m.bias), s)
    for norm in (layer.attention.output.LayerNorm, layer.output.LayerNorm):
        file.put(floats(norm.weight), "<f4")
        file.put(floats(norm.bias), "<f4")


def bits(flags):
    """One bit for each, the first the lowest of the first 64-bit word."""
    packed = np.packbits(np.asarray(flags, np.uint8), bitorder="little").tobytes()
    return np.frombuffer(packed + bytes(-len(packed) % 8), np.uint8)


def trie(file, pieces):
    """The pieces (bytes to ids) as a trie, its nodes by depth and then by prefix, so that siblings stand together and families in their parents' order."""
    nodes = sorted({p[:n] for p in pieces for n in range(len(p) + 1)}, key=lambda p: (len(p), p))
    parents = {p[:-1] for p in nodes if p}
    family = [p[:-1] if p else None for p in nodes] + [None]
    file.put([p[-1] if p else 0 for p in nodes], "u1")
    file.put(bits([i == 0 or family[i] != family[i + 1] for i in range(len(nodes))]), "u1")
    file.put(bits([p in parents for p in nodes]), "u1")
    file.put(bits([p in pieces for p in nodes]), "u1")
    ids = np.array([pieces[p] for p in nodes if p in pieces], "<u4")
    file.put(ids.view(np.uint8).reshape(-1, 4)[:, :3], "u1")
    return len(nodes), len(ids)


def character_map(file, normalizer):
    """What the normalizer makes of each code point where that is something else."""
    runes, ends, text = [], [], b""
    for r in range(0x110000):
        if not 0xD800 <= r < 0xE000 and (to := normalizer.normalize_str(chr(r))) != chr(r):
            text += to.encode()
            runes.append(r)
            ends.append(len(text))
    file.put(runes, "<u4")
    file.put(ends, "<u4")
    file.put(np.frombuffer(text, np.uint8), "u1")
    return len(runes), len(text)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("--tokenizer", type=pathlib.Path, help="the folder of tokenizer.json, where it is another one")
    args.add_argument("--calibration", type=pathlib.Path, help="sentences, one a line")
    args = args.parse_args()
    torch.set_num_threads(1)
    model = AutoModel.from_pretrained(args.folder, dtype=torch.float32, attn_implementation="eager").eval()
    config = model.config
    if (config.hidden_size, config.num_attention_heads, config.hidden_act) != (WIDTH, HEADS, "gelu"):
        raise ValueError(f"{args.folder}: not {WIDTH} wide with {HEADS} heads and gelu")
    source = (args.tokenizer or args.folder) / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    described = json.loads(source.read_text())
    kind = KINDS[described["model"]["type"]]
    special = {t["id"] for t in described["added_tokens"]}
    vocabulary = tokenizer.get_vocab()
    vocab = max(vocabulary.values()) + 1
    calibration = args.calibration or HERE / "calibration" / kind["calibration"]
    texts = [kind["prefixes"][i % 2] + s for i, s in enumerate(calibration.read_text().splitlines())]
    ids = [torch.tensor([tokenizer.encode(t).ids[:128]]) for t in texts]
    seen = watch(model, [dict(input_ids=i, attention_mask=torch.ones_like(i)) for i in ids])

    file = File()
    table = floats(model.embeddings.word_embeddings.weight)[:vocab]
    if kind["bits"] == 4:
        codes, scales, lost = quarters(table)
        print(f"4-bit table: {lost:.3g} lost at most")
        file.put(codes, "u1")
        file.put(scales, "<f2")
    else:
        codes, scales = eighths(table)
        file.put(codes, "i1")
        file.put(scales, "<f4")
    e = model.embeddings
    file.put((floats(e.position_embeddings.weight) + floats(e.token_type_embeddings.weight)[0])[: kind["limit"]], "<f4")
    file.put(floats(e.LayerNorm.weight), "<f4")
    file.put(floats(e.LayerNorm.bias), "<f4")
    for layer, s in zip(model.encoder.layer, seen):
        put_layer(file, layer, s)
    nodes, words = trie(file, {p.encode(): i for p, i in vocabulary.items() if i not in special})
    mapped = mapped_bytes = 0
    if described["model"]["type"] == "Unigram":
        file.put([score for _, score in described["model"]["vocab"]], "<f4")
        mapped, mapped_bytes = character_map(file, tokenizer.normalizer)

    first, last, unknown = (vocabulary[name] for name in kind["special"])
    numbers = (kind["number"], vocab, len(model.encoder.layer), config.intermediate_size, kind["limit"], kind["bits"], STEPS)
    head = struct.pack("<Q7If", 192 + file.size, *numbers, config.layer_norm_eps)
    head += struct.pack("<7I", nodes, words, mapped, mapped_bytes, first, last, unknown)
    head += b"".join(p.encode().ljust(16, b"\0") for p in kind["prefixes"])
    body = head.ljust(192 - 40, b"\0") + b"".join(file.parts)
    digest = hashlib.sha256(body)
    args.out.write_bytes(MAGIC + digest.digest() + body)
    print(f"{args.out}: {40 + len(body)} bytes, hash {digest.hexdigest()}")


if __name__ == "__main__":
    main()
