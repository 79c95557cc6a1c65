// What the subscription model changes at random: rooms, items in them, an archive that is large, and bells that ring once.
import { anonymousView, module, reducer, t, table, view } from 'pinion:module@1';

const rooms = table({ id: t.u32.primaryKey(), level: t.u32 }, { public: true });
const items = table({ id: t.u32.primaryKey(), room: t.u32.index('btree'), value: t.u32 }, { public: true });
const archive = table({ id: t.u32.primaryKey(), value: t.u32, note: t.string }, { public: true });
const bells = table({ room: t.u32, value: t.u32 }, { public: true, event: true });
const owned = table({ id: t.u32.primaryKey(), owner: t.identity, value: t.u32 }, { public: true });

function put(rows, row) {
  if (rows.id.find(row.id) === null) rows.insert(row);
  else rows.id.update(row);
}

export default module({
  tables: { rooms, items, archive, bells, owned },

  reducers: {
    fill: reducer({ from: t.u32, count: t.u32 }, (ctx, { from, count }) => {
      for (let id = from; id < from + count; id++) ctx.db.archive.insert({ id, value: id % 100, note: `n${id}` });
    }),

    // Operations of four numbers each: what, then what it needs.
    change: reducer({ numbers: t.array(t.u32) }, (ctx, { numbers }) => {
      for (let at = 0; at < numbers.length; at += 4) {
        const [kind, id, a, b] = numbers.slice(at, at + 4);
        if (kind === 0) put(ctx.db.items, { id, room: a, value: b });
        else if (kind === 1) ctx.db.items.id.delete(id);
        else if (kind === 2) put(ctx.db.rooms, { id, level: a });
        else if (kind === 3) ctx.db.rooms.id.delete(id);
        else if (kind === 4) put(ctx.db.archive, { id, value: a, note: `n${b}` });
        else if (kind === 5) ctx.db.archive.id.delete(id);
        else if (kind === 6) put(ctx.db.owned, { id, owner: ctx.sender, value: a });
        else ctx.db.bells.insert({ room: a, value: b });
      }
    }),
  },

  views: {
    crowded: anonymousView(t.array(items.row), ctx => ctx.db.items.all().filter(item => item.room === 1)),
    mine: view(t.array(owned.row), ctx => ctx.db.owned.all().filter(row => row.owner.equals(ctx.sender))),
  },
});
