// What WebSocket tests talk to: who is here, what was said, and bells that ring for a moment.
import { anonymousView, CallerError, connected, disconnected, init, module, procedure, reducer, t, table, view } from 'pinion:module@1';

const users = table({ identity: t.identity.primaryKey(), visits: t.u32, online: t.bool }, { public: true });
const notes = table({ id: t.u64.primaryKey().autoIncrement(), room: t.u32, text: t.string }, { public: true });
// Whose requests over HTTP are connections too, and do not count.
const owners = table({ identity: t.identity.primaryKey() });
const secrets = table({ id: t.u64.primaryKey(), text: t.string });

export default module({
  tables: { users, notes, owners, secrets },

  reducers: {
    init: init(ctx => {
      ctx.db.owners.insert({ identity: ctx.sender });
    }),

    enter: connected(ctx => {
      if (ctx.db.owners.identity.find(ctx.sender) !== null) return;
      const known = ctx.db.users.identity.find(ctx.sender);
      if (known === null) ctx.db.users.insert({ identity: ctx.sender, visits: 1, online: true });
      else if (known.visits >= 3) throw new CallerError('three visits are enough');
      else ctx.db.users.identity.update({ ...known, visits: known.visits + 1, online: true });
    }),

    leave: disconnected(ctx => {
      const known = ctx.db.users.identity.find(ctx.sender);
      if (known !== null) ctx.db.users.identity.update({ ...known, online: false });
    }),

    say: reducer({ room: t.u32, text: t.string }, (ctx, { room, text }) => {
      if (text === '') throw new CallerError('say something');
      ctx.db.notes.insert({ id: 0n, room, text });
    }),

    clear_room: reducer({ room: t.u32 }, (ctx, { room }) => {
      for (const note of ctx.db.notes.all()) if (note.room === room) ctx.db.notes.id.delete(note.id);
    }),

    nothing: reducer(() => {}),
  },

  procedures: {
    double: procedure({ value: t.u64 }, t.u64, (ctx, { value }) => value * 2n),
  },

  views: {
    loud: anonymousView(t.array(notes.row), ctx => ctx.db.notes.all().filter(note => note.text.endsWith('!'))),
    me: view(t.array(users.row), ctx => ctx.db.users.all().filter(user => user.identity.equals(ctx.sender))),
  },
});
