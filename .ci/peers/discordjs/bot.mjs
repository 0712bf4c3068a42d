// A small bot on discord.js, driven by TestPeerDiscordjs of bot/discordtest: node bot.mjs API TOKEN. It answers in every way that test asks for, tells what its
// gateway does as JSON lines on stdout, and leaves when stdin ends.
import { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, Events, GatewayIntentBits, MessageFlags, ModalBuilder, Partials, TextInputBuilder, TextInputStyle } from 'discord.js';

const [api, token] = process.argv.slice(2);
const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
  partials: [Partials.Channel],
  rest: { api, version: '10', retries: 0 },
  allowedMentions: { parse: [] },
});
const tell = (what, more = {}) => console.log(JSON.stringify({ what, ...more }));
const fails = (error) => tell('error', { error: String(error), stack: error?.stack });
process.on('unhandledRejection', fails);
client.on(Events.Error, fails);
client.on(Events.ShardError, fails);
client.on(Events.ShardResume, (shard, replayed) => tell('resumed', { replayed }));
client.on(Events.ShardReady, () => tell('shard ready'));
client.on(Events.ShardDisconnect, (event) => tell('disconnected', { code: event.code }));

client.once(Events.ClientReady, async () => {
  await client.application.commands.set([
    { name: 'ask', description: 'Ask', options: [{ name: 'question', description: 'What', type: 3, required: true, autocomplete: true }] },
    { name: 'Ask the facts', type: 3 },
  ]);
  tell('ready', { user: client.user.username, guilds: client.guilds.cache.size, channels: client.channels.cache.size });
});

client.on(Events.MessageCreate, async (message) => {
  if (message.author.bot) return;
  await message.reply({ content: `heard: ${message.content}`, allowedMentions: { parse: [], repliedUser: false } });
});

client.on(Events.InteractionCreate, async (i) => {
  try {
    if (i.isAutocomplete()) {
      await i.respond([{ name: `${i.options.getFocused()}?`, value: 'w' }]);
    } else if (i.isChatInputCommand()) {
      await i.deferReply();
      const row = new ActionRowBuilder().addComponents(
        new ButtonBuilder().setCustomId('why').setLabel('Why this?').setStyle(ButtonStyle.Secondary),
        new ButtonBuilder().setCustomId('more').setLabel('Follow up').setStyle(ButtonStyle.Secondary));
      await i.editReply({ content: `answer to ${i.options.getString('question')} [1]`, components: [row] });
      await i.followUp({ content: 'and more', flags: MessageFlags.Ephemeral });
    } else if (i.isMessageContextMenuCommand()) {
      await i.reply({ content: `target: ${i.targetMessage.content}`, flags: MessageFlags.Ephemeral });
    } else if (i.isButton() && i.customId === 'why') {
      await i.update({ content: 'because', components: [] });
    } else if (i.isButton()) {
      await i.showModal(new ModalBuilder().setCustomId('form').setTitle('Follow up').addComponents(
        new ActionRowBuilder().addComponents(new TextInputBuilder().setCustomId('q').setLabel('Your question').setStyle(TextInputStyle.Short))));
    } else if (i.isModalSubmit()) {
      await i.reply({ content: `asked: ${i.fields.getTextInputValue('q')}`, files: [{ attachment: Buffer.from('a file'), name: 'note.txt' }] });
    }
  } catch (error) {
    fails(error);
  }
});

process.stdin.resume();
process.stdin.on('end', async () => {
  await client.destroy();
  tell('left');
});
client.login(token).catch(fails);
