// Every type there is, in columns, in parameters and in results; and what clients may see of a module beside tables.
import { anonymousView, CallerError, init, module, procedure, reducer, t, table, view } from 'pinion:module@1';

const point = t.object('Point', { x_pos: t.i32, y_pos: t.i32 });
const color = t.enum('Color', ['red', 'green', 'blue']);
const shape = t.sum('Shape', { nothing: t.unit, circle: t.f64, polygon: t.array(point) });

const types = {
  a_bool: t.bool, an_i8: t.i8, a_u8: t.u8, an_i16: t.i16, a_u16: t.u16, an_i32: t.i32, a_u32: t.u32, an_i64: t.i64, a_u64: t.u64,
  an_i128: t.i128, a_u128: t.u128, an_i256: t.i256, a_u256: t.u256, an_f32: t.f32, an_f64: t.f64, a_string: t.string,
  some_bytes: t.bytes, a_unit: t.unit, an_identity: t.identity, a_connection_id: t.connectionId, a_timestamp: t.timestamp,
  a_duration: t.duration, a_uuid: t.uuid, a_schedule: t.scheduleAt, an_option: t.option(t.string), an_array: t.array(t.u64),
  a_result: t.result(t.u32, t.u32), a_point: point, a_color: color, a_shape: shape, deep: t.array(t.option(shape)),
};

const samples = table({ id: t.u32.primaryKey(), ...types }, { public: true });
const people = table(
  { id: t.u64.primaryKey().autoIncrement(), nick_name: t.string.unique(), home_town: t.string.index(), age: t.u8 },
  { public: true, indexes: { by_town_age: ['home_town', 'age'] } },
);
const alarms = table({ text: t.string, loudness: t.u8 }, { public: true, event: true });
const secrets = table({ id: t.u32.primaryKey(), text: t.string });

export default module({
  tables: { samples, people, alarms, secrets },

  reducers: {
    start: init(ctx => ctx.db.secrets.insert({ id: 1, text: 'hidden' })),
    keep_sample: reducer({ id: t.u32, ...types }, (ctx, sample) => {
      if (ctx.db.samples.id.find(sample.id) === null) ctx.db.samples.insert(sample);
      else ctx.db.samples.id.update(sample);
    }),
    keep_row: reducer({ row: samples.row }, (ctx, { row }) => {
      ctx.db.samples.insert(row);
    }),
    add_person: reducer({ nick_name: t.string, home_town: t.string, age: t.u8 }, (ctx, person) => {
      if (person.age > 150) throw new CallerError(`nobody is ${person.age}`);
      ctx.db.people.insert({ id: 0n, ...person });
    }),
    remove_person: reducer({ nick_name: t.string }, (ctx, { nick_name }) => {
      ctx.db.people.nick_name.delete(nick_name);
    }),
    sound_alarm: reducer({ text: t.string }, (ctx, { text }) => {
      ctx.db.alarms.insert({ text, loudness: 11 });
    }),
  },

  procedures: {
    echo_sample: procedure({ row: samples.row }, samples.row, (_ctx, { row }) => row),
    count_people: procedure({}, t.u64, ctx => ctx.transaction(tx => tx.db.people.count())),
    fail_always: procedure({ why: t.string }, t.unit, (_ctx, { why }) => {
      throw new CallerError(why);
    }),
  },

  views: {
    grown_ups: anonymousView(t.array(people.row), ctx => ctx.db.people.all().filter(person => person.age >= 18)),
    first_person: view(t.option(people.row), ctx => ctx.db.people.all()[0] ?? null),
  },
});
