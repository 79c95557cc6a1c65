package io.pinion.actors.durability;

import io.pinion.store.tx.SchemaIds;
import io.pinion.store.tx.SchemaIds.Next;
import io.pinion.store.tx.SchemaIds.ObjectName;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bytes of {@link SchemaIds}: the same ids give the same bytes.
 *
 * <pre>
 *   tables, schedules, views: u32 count, each: string name, u32 id
 *   indexes, constraints, sequences: u32 count, each: string table, string name, u32 id
 *   u32 next table, index, constraint, sequence, schedule, view
 * </pre>
 */
final class SchemaIdsCodec {
    private static final Comparator<ObjectName> ORDER =
            Comparator.comparing(ObjectName::table).thenComparing(ObjectName::object);

    private SchemaIdsCodec() {}

    static void write(BsatnWriter out, SchemaIds ids) {
        writeNamed(out, ids.tables());
        writeNamed(out, ids.schedules());
        writeNamed(out, ids.views());
        writeObjects(out, ids.indexes());
        writeObjects(out, ids.constraints());
        writeObjects(out, ids.sequences());
        Next next = ids.next();
        out.writeInt(next.table()).writeInt(next.index()).writeInt(next.constraint());
        out.writeInt(next.sequence()).writeInt(next.schedule()).writeInt(next.view());
    }

    private static void writeNamed(BsatnWriter out, Map<String, Integer> ids) {
        out.writeInt(ids.size());
        new TreeMap<>(ids).forEach((name, id) -> out.writeString(name).writeInt(id));
    }

    private static void writeObjects(BsatnWriter out, Map<ObjectName, Integer> ids) {
        Map<ObjectName, Integer> sorted = new TreeMap<>(ORDER);
        sorted.putAll(ids);
        out.writeInt(sorted.size());
        sorted.forEach((name, id) ->
                out.writeString(name.table()).writeString(name.object()).writeInt(id));
    }

    static SchemaIds read(BsatnReader in) {
        Map<String, Integer> tables = readNamed(in);
        Map<String, Integer> schedules = readNamed(in);
        Map<String, Integer> views = readNamed(in);
        return new SchemaIds(
                tables,
                readObjects(in),
                readObjects(in),
                readObjects(in),
                schedules,
                views,
                new Next(in.readInt(), in.readInt(), in.readInt(), in.readInt(), in.readInt(), in.readInt()));
    }

    private static Map<String, Integer> readNamed(BsatnReader in) {
        Map<String, Integer> ids = new HashMap<>();
        for (long left = in.readCount(); left > 0; left--) {
            ids.put(in.readString(), in.readInt());
        }
        return ids;
    }

    private static Map<ObjectName, Integer> readObjects(BsatnReader in) {
        Map<ObjectName, Integer> ids = new HashMap<>();
        for (long left = in.readCount(); left > 0; left--) {
            ids.put(new ObjectName(in.readString(), in.readString()), in.readInt());
        }
        return ids;
    }
}
