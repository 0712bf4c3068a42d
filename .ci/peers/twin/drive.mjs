// Drives `footnote run` through discord-digital-twin: node drive.mjs FOOTNOTE-BINARY. The twin, which knows nothing of us, checks next to nothing;
// what it shows is that the unchanged binary gets through whole dialogues on somebody else's idea of Discord.
//
// What differs from Discord: paths are those of API v10 alone, there is GET /gateway/bot but no GET /gateway, commands can be written but not read, and no message
// names whom it mentions, so that members ask by interactions only.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelType, ComponentType, InteractionResponseType as Type, InteractionType } from 'discord-api-types/v10';
import { DigitalDiscord } from 'discord-digital-twin';

const [binary] = process.argv.slice(2);
const patience = 15_000;

const discord = new DigitalDiscord({
  guild: { name: 'Test Server' },
  channels: [{ name: 'general', type: ChannelType.GuildText }],
  users: [{ username: 'alice' }],
});
await discord.start();
const [channel] = await discord.prisma.channel.findMany();
const scope = discord.channel(channel.id);
const userId = await discord.getFirstNonBotUserId();
const alice = scope.user(userId);

const log = [];
const bot = spawn(binary, ['run', '--discord', discord.restUrl, '--data', mkdtempSync(join(tmpdir(), 'footnote-')), '--debug'], {
  env: { PATH: process.env.PATH, HOME: process.env.HOME, DISCORD_TOKEN: discord.botToken },
  stdio: ['ignore', 'inherit', 'pipe'],
});
bot.stderr.on('data', (b) => log.push(b.toString()));
const left = once(bot, 'exit');

// until asks again and again, as the twin's database tells nobody of a change.
async function until(what, ask) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (bot.exitCode !== null) throw new Error(`footnote ended with ${bot.exitCode} while waiting for ${what}`);
    if (Date.now() > end) throw new Error(`no ${what} within ${patience} ms`);
    await new Promise((r) => setTimeout(r, 20));
  }
}

const acknowledged = async ({ id }) => {
  await scope.waitForInteractionAck({ interactionId: id, timeout: patience });
  const r = await scope.getInteractionResponse(id);
  return { ...r, data: JSON.parse(r.data ?? 'null') };
};
const buttons = (message) => (message.components ?? []).flatMap((row) => row.components ?? []).filter((c) => c.type === ComponentType.Button);
const button = (message, label) => {
  const b = buttons(message).find((c) => c.label === label);
  assert(b, `no button ${label}; there are: ${buttons(message).map((c) => c.label ?? c.emoji?.name).join(', ')}`);
  return b.custom_id;
};
const messages = () => scope.getMessages();
// answer waits for the message an interaction was answered with, past "is thinking...".
const answer = async (interaction) => {
  const ack = await acknowledged(interaction);
  assert([Type.ChannelMessageWithSource, Type.DeferredChannelMessageWithSource, Type.UpdateMessage].includes(ack.type), `answered with type ${ack.type}`);
  return until('answer', async () => {
    const r = await scope.getInteractionResponse(interaction.id);
    const m = (await messages()).find((m) => m.id === r.messageId);
    return m?.content ? m : undefined;
  });
};
const told = (what, text) => console.log(`-- ${what}\n${text}\n`);

let failed;
try {
  await until('registered command "ask"', () => discord.prisma.applicationCommand.findFirst({ where: { name: 'ask' } }));
  const question = 'Where will NATO open its first Asia-Pacific office?';

  const typing = await acknowledged(await discord.simulateInteraction({
    type: InteractionType.ApplicationCommandAutocomplete, channelId: channel.id, userId,
    data: { id: '1', name: 'ask', type: 1, options: [{ name: 'question', type: 3, value: 'where', focused: true }] },
  }));
  assert.equal(typing.type, Type.ApplicationCommandAutocompleteResult);
  assert(typing.data.choices.length > 0 && typing.data.choices.length <= 25, `${typing.data.choices.length} choices`);
  told('autocomplete', typing.data.choices.slice(0, 3).map((c) => c.name).join('\n'));

  const first = await answer(await alice.runSlashCommand({ name: 'ask', options: [{ name: 'question', type: 3, value: question }] }));
  assert.match(first.content, /Tokyo/);
  assert.match(first.content, /\[1\][^]*\n-# \[1\]/);
  assert.deepEqual(first.mentions ?? [], []);
  told('slash answer', first.content);

  const why = await answer(await alice.clickButton({ messageId: first.id, customId: button(first, 'Why this?') }));
  assert.equal(why.flags & 64, 64, 'Why this? is not private');
  assert(why.content.length > 20);
  told('button', why.content);

  const form = await acknowledged(await alice.clickButton({ messageId: first.id, customId: button(first, 'Follow up') }));
  assert.equal(form.type, Type.Modal);
  const fields = form.data.components.flatMap((c) => c.components ?? [c.component]);
  const followUp = await answer(await alice.submitModal({ customId: form.data.custom_id, fields: [{ customId: fields[0].custom_id, value: 'and when does the office open?' }] }));
  assert.match(followUp.content, /\[1\]/);
  told('modal', followUp.content);

  const secret = await answer(await alice.runSlashCommand({ name: 'ask', options: [{ name: 'question', type: 3, value: question }, { name: 'private', type: 5, value: true }] }));
  assert.equal(secret.flags & 64, 64, 'private: true is not private');
  const before = new Set((await messages()).map((m) => m.id));
  await acknowledged(await alice.clickButton({ messageId: secret.id, customId: button(secret, 'Share in channel') }));
  const shared = await until('shared answer', async () => (await messages()).find((m) => !before.has(m.id) && /Tokyo/.test(m.content) && !(m.flags & 64)));
  told('shared', shared.content);

  const unknown = await answer(await alice.runSlashCommand({ name: 'ask', options: [{ name: 'question', type: 3, value: 'How many penguins live in Antarctica?' }] }));
  assert.doesNotMatch(unknown.content, /\[1\]/);
  told('not in the facts', unknown.content);
} catch (error) {
  failed = error;
}

bot.kill('SIGTERM');
const [code] = await left;
await discord.stop();
if (!failed && code !== 0) failed = new Error(`footnote ended with ${code} after SIGTERM`);
if (log.join('').includes(discord.botToken)) failed = new Error('the token is in the log');
if (failed) {
  console.error(log.join(''));
  console.error(failed);
  process.exit(1);
}
console.log('the twin is satisfied');
process.exit(0);
