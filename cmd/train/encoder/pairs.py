#!/usr/bin/env python3
"""pairs.py english|multilingual FOLDER TOKENIZER OUT STEPS RATE: makes a pair reader of an encoder: question and fact in one text, each word sees each.

FOLDER is the tuned encoder (tune.py), TOKENIZER the folder of its tokenizer. The bases are those of knowledge/testdata/fresh that splits.json lists under "readers" (english: the
English ones among them; multilingual: the others); 400 questions of those under "tune" are scored every 150 steps, when OUT is written, too; those under "test" are not looked at.

A step is 12 questions. An answerable one is read beside a gold fact and three more, two of them the nearest by the encoder's cosine and one of the next six; one without an answer beside four of the
nearest eight. The loss is softmax over these and "none", whose score is 0, and beside it, weighted 0.5, over the facts alone. The score of a pair is a linear head on the mean of the last rows. AdamW (the head at 20 times
the rate), warm-up 30 steps, linear decay.

The table and the first layers stay the encoder's (FROZEN), so that they are in the binary once: none of English's six layers, six of Multilingual's twelve.

The weights in the repository: README.md of knowledge/encoder says how many steps each took. The same seed gives about the same weights, not the same bits, on another machine.
"""
import collections, json, os, pathlib, random, sys, time
import numpy as np, torch, torch.nn.functional as F, yaml
from sklearn.metrics import roc_auc_score
from transformers import AutoModel, AutoTokenizer

FRESH = pathlib.Path(__file__).resolve().parents[3] / "knowledge/testdata/fresh"
FROZEN = {"english": 0, "multilingual": 6}
QUESTIONS, BESIDE, NEAREST, WARM_UP, RANKING, SCORE_EVERY, SCORED = 12, 4, 8, 30, 0.5, 150, 400

kind, folder, names, out, steps, rate = *sys.argv[1:5], int(sys.argv[5]), float(sys.argv[6])
english = kind == "english"
torch.set_num_threads(int(os.environ.get("THREADS", "2")))
random.seed(1), torch.manual_seed(1), np.random.seed(1)
start = os.environ.get("START", folder)  # an earlier OUT, to go on from
tokenizer, model, encoder = AutoTokenizer.from_pretrained(names), AutoModel.from_pretrained(start), AutoModel.from_pretrained(folder).eval()
head = torch.nn.Linear(384, 1)
torch.nn.init.normal_(head.weight, std=0.02), torch.nn.init.zeros_(head.bias)
if start != folder:
    head.load_state_dict(torch.load(start + "/head.pt"))
for own, theirs in [(model.embeddings, encoder.embeddings), *list(zip(model.encoder.layer, encoder.encoder.layer))[: FROZEN[kind]]]:
    own.load_state_dict(theirs.state_dict())
    for p in own.parameters():
        p.requires_grad = False


def is_english(name): return not (len(name) > 3 and name[-3] == "-")


def load(name):
    facts = [f for f in yaml.safe_load(open(FRESH / name / "facts.yaml"))["facts"] if f.get("status") != "withdrawn"]
    questions = [json.loads(line) for line in open(FRESH / name / "questions.jsonl")]
    for q in questions:
        q["text"] = q["history"][-1] + " " + q["question"] if q["history"] else q["question"]
    return facts, questions


def vectors(texts):
    order, v = sorted(range(len(texts)), key=lambda i: len(texts[i])), np.zeros((len(texts), 384), np.float32)
    with torch.no_grad():
        for i in range(0, len(order), 64):
            e = tokenizer([texts[j] for j in order[i : i + 64]], padding=True, truncation=True, max_length=96, return_tensors="pt")
            hidden, mask = encoder(input_ids=e["input_ids"], attention_mask=e["attention_mask"]).last_hidden_state, e["attention_mask"][:, :, None].float()
            v[order[i : i + 64]] = F.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1).numpy()
    return v


def prepare(part):
    """The questions of the bases, each with the facts nearest to it."""
    question, passage = ("", "") if english else ("query: ", "passage: ")
    items = []
    for name in sorted(json.load(open(FRESH / "splits.json"))[part]):
        if is_english(name) != english:
            continue
        facts, questions = load(name)
        cosines = vectors([question + q["text"] for q in questions]) @ vectors([passage + f["text"] for f in facts]).T
        for q, row in zip(questions, cosines):
            near = [facts[i] for i in np.argsort(-row)[:NEAREST]]
            items.append(dict(text=q["text"], answerable=q["answerable"], far=q["voice"] in ("off-topic", "junk"), near=[f["text"] for f in near],
                              right=[f["id"] in q["gold"] for f in near], gold=[f["text"] for f in facts if f["id"] in q["gold"]]))
    return items


def odds(questions, texts, chunk=24):
    order = sorted(range(len(questions)), key=lambda i: len(questions[i]) + len(texts[i]))
    parts = []
    for i in range(0, len(order), chunk):
        e = tokenizer([questions[j] for j in order[i : i + chunk]], [texts[j] for j in order[i : i + chunk]], padding=True, truncation=True, max_length=128, return_tensors="pt")
        hidden = model(**{k: e[k] for k in ("input_ids", "attention_mask", "token_type_ids") if k in e}).last_hidden_state
        mask = e["attention_mask"][:, :, None].float()
        parts.append(head((hidden * mask).sum(1) / mask.sum(1))[:, 0])
    return torch.cat(parts)[torch.tensor(np.argsort(order))]


def score(items):
    """P@1 among the nearest by reading alone, and the AUROC of "is it answerable" over what is not far, in per cent."""
    model.eval()
    with torch.no_grad():
        o = odds([q["text"] for q in items for _ in q["near"]], [t for q in items for t in q["near"]], 64).view(len(items), -1).numpy()
    model.train()
    answerable, far = np.array([q["answerable"] for q in items]), np.array([q["far"] for q in items])
    first = np.array([q["right"][i] for q, i in zip(items, o.argmax(1))])
    return round(100 * first[answerable].mean(), 1), round(100 * roc_auc_score(answerable[~far], np.log(np.exp(o).sum(1))[~far]), 1)


train, held = prepare("readers"), prepare("tune")
held = random.Random(1).sample(held, min(SCORED, len(held)))
optimiser = torch.optim.AdamW([{"params": [p for p in model.parameters() if p.requires_grad], "lr": rate}, {"params": head.parameters(), "lr": rate * 20}], weight_decay=0.01)
rates = [g["lr"] for g in optimiser.param_groups]
model.train()
began, order = time.time(), []
for step in range(steps):
    for g, r in zip(optimiser.param_groups, rates):
        g["lr"] = r * min(1, (step + 1) / WARM_UP) * (1 - step / steps)
    if len(order) < QUESTIONS:
        order = random.sample(range(len(train)), len(train))
    questions, texts, groups = [], [], []
    for q in [train[order.pop()] for _ in range(QUESTIONS)]:
        if q["answerable"]:
            others = [t for t, right in zip(q["near"], q["right"]) if not right]
            beside = [random.choice(q["gold"])] + others[:2] + random.sample(others[2:], BESIDE - 3)
        elif q["far"] and random.random() < 0.5:
            continue
        else:
            beside = q["near"][:2] + random.sample(q["near"][2:], BESIDE - 2)
        groups.append((len(texts), len(beside), q["answerable"]))
        questions += [q["text"]] * len(beside)
        texts += beside
    o, loss = odds(questions, texts), 0.0
    for at, n, answerable in groups:
        with_none = F.log_softmax(torch.cat([o[at : at + n], torch.zeros(1)]), 0)
        loss = loss - (with_none[0] + RANKING * F.log_softmax(o[at : at + n], 0)[0] if answerable else with_none[-1])
    loss = loss / len(groups)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    if (step + 1) % 20 == 0:
        print(step + 1, steps, round(loss.item(), 3), f"{time.time() - began:.0f} s", flush=True)
    if (step + 1) % SCORE_EVERY == 0 or step + 1 == steps:
        print("   ", score(held), flush=True)
        model.save_pretrained(out), tokenizer.save_pretrained(out)
        torch.save(head.state_dict(), out + "/head.pt")
