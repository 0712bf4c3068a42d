#!/usr/bin/env python3
"""Tunes an encoder on fresh bases: a base's questions against all its facts, and against "none".

  tune.py english|multilingual FOLDER OUT STEPS RATE [CHECKPOINT]

FOLDER is one that folders.py made (weights and tokenizer). The bases are those of knowledge/testdata/fresh that splits.json lists under "encoders"
(english: the English ones among them); those under "tune" are scored every 60 steps, when OUT is written, too; those under "test" are not looked at.

A step is one base: half its answerable questions and half its near misses, against all its facts, an ask standing for its fact's text now and then. The loss is
softmax over the facts (of gold facts together), and beside it, weighted 0.3, the same with "none", a learned bar that a fact's cosine must beat: so near misses
learn to lie below it. AdamW, warm-up 15 steps, linear decay; the multilingual word table is frozen, as its file keeps 4 bits of it.

The weights in the repository: english 210 steps at 5e-5, multilingual 180 of 200 steps at 4e-5, one thread each, some 35 and 50 minutes on two busy cores.
The same seed gives about the same weights, not the same bits, on another machine: torch sums in another order there.
"""
import collections, json, os, pathlib, random, sys, time
import numpy as np, torch, torch.nn.functional as F, yaml
from sklearn.metrics import roc_auc_score
from transformers import AutoModel, AutoTokenizer

FRESH = pathlib.Path(__file__).resolve().parents[3] / "knowledge/testdata/fresh"
NONE_WEIGHT, WARM_UP, ASK_SHARE, CHUNK = 0.3, 15, 0.15, 24

kind, folder, out, steps, rate = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
english = kind == "english"
torch.set_num_threads(int(os.environ.get("THREADS", "1")))
random.seed(1), torch.manual_seed(1), np.random.seed(1)
question, passage = ("", "") if english else ("query: ", "passage: ")
scale, bar = (20.0, 0.55) if english else (50.0, 0.83)
tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
if not english:
    model.embeddings.word_embeddings.weight.requires_grad = False


def is_english(name): return not (len(name) > 3 and name[-3] == "-")


def load(name):
    facts = [f for f in yaml.safe_load(open(FRESH / name / "facts.yaml"))["facts"] if f.get("status") != "withdrawn"]
    questions = [json.loads(line) for line in open(FRESH / name / "questions.jsonl")]
    for q in questions:
        q["text"] = q["history"][-1] + " " + q["question"] if q["history"] else q["question"]
    return facts, questions


splits = json.load(open(FRESH / "splits.json"))
wanted = lambda part: {n: load(n) for n in sorted(splits[part]) if not english or is_english(n)}
train, held = wanted("encoders"), wanted("tune")


def encode(texts):
    e = tokenizer(texts, padding=True, truncation=True, max_length=96, return_tensors="pt")
    hidden, mask = model(input_ids=e["input_ids"], attention_mask=e["attention_mask"]).last_hidden_state, e["attention_mask"][:, :, None].float()
    return F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def encode_all(texts):
    order, v = sorted(range(len(texts)), key=lambda i: len(texts[i])), np.zeros((len(texts), 384), np.float32)
    with torch.no_grad():
        for i in range(0, len(order), 32):
            v[order[i:i + 32]] = encode([texts[j] for j in order[i:i + 32]]).numpy()
    return v


def score():
    """P@1, R@3, R@4 and AUROC of the best cosine for "is it answerable", in per cent, by English or not and asks none or all."""
    model.eval()
    count, best = collections.defaultdict(collections.Counter), collections.defaultdict(lambda: ([], []))
    for name, (facts, questions) in held.items():
        asks = [(i, a) for i, f in enumerate(facts) for a in f.get("asks", [])]
        vq, vf = encode_all([question + q["text"] for q in questions]), encode_all([passage + f["text"] for f in facts])
        va = encode_all([question + a for _, a in asks])
        for variant in ("none", "all"):
            s = vq @ vf.T
            if variant == "all":
                for k, (i, _) in enumerate(asks):
                    s[:, i] = np.maximum(s[:, i], (vq @ va.T)[:, k] - .03)
            key = ("en " if is_english(name) else "xx ") + variant
            for q, row in zip(questions, s):
                order = [facts[i]["id"] for i in np.argsort(-row)[:4]]
                best[key][0].append(q["answerable"]), best[key][1].append(row.max())
                if q["answerable"]:
                    count[key]["n"] += 1
                    for n in (1, 3, 4):
                        count[key][n] += any(f in q["gold"] for f in order[:n])
    model.train()
    return {k: [round(100 * c[n] / c["n"], 1) for n in (1, 3, 4)] + [round(100 * roc_auc_score(*best[k]), 1)] for k, c in count.items()}


def jobs():
    while True:
        some = []
        for name, (_, questions) in train.items():
            yes = [q for q in questions if q["answerable"]]
            no = [q for q in questions if not q["answerable"] and q["voice"] in ("near-miss", "plain", "precise", "follow-up")]
            random.shuffle(yes), random.shuffle(no)
            some += [(name, yes[:len(yes) // 2] + no[:len(no) // 2]), (name, yes[len(yes) // 2:] + no[len(no) // 2:])]
        random.shuffle(some)
        yield from some


print("before", score(), flush=True)
none = torch.nn.Parameter(torch.tensor(bar))
optimiser = torch.optim.AdamW([{"params": [p for p in model.parameters() if p.requires_grad]}, {"params": [none], "weight_decay": 0.}], lr=rate, weight_decay=.01)
model.train()
began, next_job = time.time(), jobs()
for step in range(steps):
    now = min(1, (step + 1) / WARM_UP) * (1 - step / steps)
    optimiser.param_groups[0]["lr"], optimiser.param_groups[1]["lr"] = rate * now, rate * now * 30
    name, questions = next(next_job)
    facts = train[name][0]
    ids, texts = [f["id"] for f in facts], [passage + f["text"] for f in facts]
    for i, f in enumerate(facts):
        if f.get("asks") and random.random() < ASK_SHARE:
            texts[i] = question + random.choice(f["asks"])
    n, every = len(questions), [question + q["text"] for q in questions] + texts
    order = sorted(range(len(every)), key=lambda i: len(every[i]))
    v = torch.cat([encode([every[j] for j in order[i:i + CHUNK]]) for i in range(0, len(order), CHUNK)])[torch.tensor(np.argsort(order))]
    s = scale * (v[:n] @ v[n:].T)
    yes, no = [i for i, q in enumerate(questions) if q["gold"]], [i for i, q in enumerate(questions) if not q["gold"]]
    gold = [[ids.index(g) for g in questions[i]["gold"]] for i in yes]
    among = F.log_softmax(s[yes], 1)
    loss = -torch.stack([torch.logsumexp(among[i, g], 0) for i, g in enumerate(gold)]).mean()
    with_none = F.log_softmax(torch.cat([s, (scale * none).expand(n, 1)], 1), 1)
    loss = loss - NONE_WEIGHT * torch.stack([torch.logsumexp(with_none[i, g], 0) for i, g in zip(yes, gold)] + [with_none[i, -1] for i in no]).mean()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
    optimiser.step()
    if (step + 1) % 10 == 0:
        print(step + 1, steps, round(loss.item(), 3), f"{time.time() - began:.0f} s", flush=True)
    if (step + 1) % 60 == 0 or step + 1 == steps:
        print("   ", score(), flush=True)
        model.save_pretrained(out), tokenizer.save_pretrained(out)
