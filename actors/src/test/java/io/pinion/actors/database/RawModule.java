package io.pinion.actors.database;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.TypeCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes module descriptions of version 10 as a guest would. */
final class RawModule {
    private final List<AlgebraicType.Product> rows = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> types = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> tables = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> reducers = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> views = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> viewKeys = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> procedures = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> handlers = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> routes = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> schedules = new ArrayList<>();
    private final List<Consumer<BsatnWriter>> lifecycles = new ArrayList<>();

    /** A table whose first column is its primary key and is counted up. Returns the reference of its row type. */
    int table(String name, boolean isPublic, AlgebraicType.Product row) {
        return table(name, isPublic, row, More.NOTHING);
    }

    /**
     * What a table has beside its key.
     *
     * @param indexed column of an ordered index, 0 for none
     * @param isUnique whether that index is
     * @param defaults by column
     */
    record More(int indexed, boolean isUnique, Map<Integer, Bytes> defaults) {
        static final More NOTHING = new More(0, false, Map.of());
    }

    /** As above, with more. */
    int table(String name, boolean isPublic, AlgebraicType.Product row, More more) {
        int ref = rows.size();
        rows.add(row);
        String key = row.elements().getFirst().name();
        types.add(out -> out.writeInt(0).writeString(name).writeInt(ref).writeBool(true));
        tables.add(out -> {
            out.writeString(name).writeInt(ref);
            out.writeInt(1).writeShort(0);
            out.writeInt(more.indexed > 0 ? 2 : 1);
            index(out, name + "_" + key, 0);
            if (more.indexed > 0) {
                index(out, name + "_" + row.elements().get(more.indexed).name(), more.indexed);
            }
            out.writeInt(more.isUnique ? 2 : 1);
            unique(out, 0);
            if (more.isUnique) {
                unique(out, more.indexed);
            }
            out.writeInt(1);
            out.writeByte(1).writeShort(0);
            out.writeByte(1).writeByte(1).writeByte(1);
            out.writeLong(1).writeLong(0);
            out.writeByte(1).writeByte(isPublic ? 0 : 1);
            out.writeInt(more.defaults.size());
            more.defaults.forEach((column, value) -> out.writeShort(column).writeByteArray(value));
            out.writeBool(false);
        });
        return ref;
    }

    private static void index(BsatnWriter out, String name, int column) {
        out.writeByte(0).writeString(name + "_idx_btree");
        out.writeByte(1);
        out.writeByte(0).writeInt(1).writeShort(column);
    }

    private static void unique(BsatnWriter out, int column) {
        out.writeByte(1);
        out.writeByte(0).writeInt(1).writeShort(column);
    }

    void reducer(String name, boolean isCallable, AlgebraicType.Element... parameters) {
        reducers.add(out -> {
            out.writeString(name);
            TypeCodec.writeProduct(out, AlgebraicType.product(parameters));
            out.writeByte(isCallable ? 1 : 0);
            TypeCodec.write(out, AlgebraicType.UNIT);
            TypeCodec.write(out, AlgebraicType.Primitive.STRING);
        });
    }

    void init(String reducer) {
        lifecycles.add(out -> out.writeByte(0).writeString(reducer));
    }

    void onConnect(String reducer) {
        lifecycles.add(out -> out.writeByte(1).writeString(reducer));
    }

    void onDisconnect(String reducer) {
        lifecycles.add(out -> out.writeByte(2).writeString(reducer));
    }

    void schedule(String table, int atColumn, String reducer) {
        schedules.add(
                out -> out.writeByte(1).writeString(table).writeShort(atColumn).writeString(reducer));
    }

    /** A public view without parameters that depends on nobody. */
    void view(String name, int index, int rowRef) {
        view(name, index, rowRef, true);
    }

    /** A public view that depends on its caller. */
    void viewOfCaller(String name, int index, int rowRef) {
        view(name, index, rowRef, false);
    }

    private void view(String name, int index, int rowRef, boolean isAnonymous) {
        views.add(out -> {
            out.writeString(name).writeInt(index).writeBool(true).writeBool(isAnonymous);
            TypeCodec.writeProduct(out, AlgebraicType.UNIT);
            TypeCodec.write(out, new AlgebraicType.Array(new AlgebraicType.Ref(rowRef)));
        });
    }

    void viewKey(String view, String column) {
        viewKeys.add(out -> out.writeString(view).writeInt(1).writeString(column));
    }

    void procedure(String name, boolean isCallable, AlgebraicType result, AlgebraicType.Element... parameters) {
        procedures.add(out -> {
            out.writeString(name);
            TypeCodec.writeProduct(out, AlgebraicType.product(parameters));
            TypeCodec.write(out, result);
            out.writeByte(isCallable ? 1 : 0);
        });
    }

    void handler(String name) {
        handlers.add(out -> out.writeString(name));
    }

    /** A route for any method. */
    void route(String handler, String path) {
        routes.add(out -> out.writeString(handler).writeByte(0).writeString(path));
    }

    void routeOfPost(String handler, String path) {
        routes.add(out -> out.writeString(handler).writeByte(1).writeByte(2).writeString(path));
    }

    Bytes toBytes() {
        BsatnWriter out = new BsatnWriter();
        out.writeByte(2).writeInt(12);
        out.writeByte(0).writeInt(rows.size());
        rows.forEach(row -> TypeCodec.write(out, row));
        section(out, 1, types);
        section(out, 2, tables);
        section(out, 3, reducers);
        section(out, 4, procedures);
        section(out, 5, views);
        section(out, 6, schedules);
        section(out, 7, lifecycles);
        section(out, 11, handlers);
        section(out, 12, routes);
        section(out, 13, viewKeys);
        out.writeByte(9).writeByte(0);
        return out.toBytes();
    }

    private static void section(BsatnWriter out, int tag, List<Consumer<BsatnWriter>> entries) {
        out.writeByte(tag).writeInt(entries.size());
        entries.forEach(entry -> entry.accept(out));
    }
}
