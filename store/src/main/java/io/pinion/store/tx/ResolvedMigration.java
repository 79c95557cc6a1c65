package io.pinion.store.tx;

import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * What a migration came to: with the new definition it is all that {@link Datastore#repeatUpdate} needs to do the same
 * again, without planning and without looking at rows. Immutable.
 *
 * <pre>
 *   u8 version (1), u32 next table id, u32 next index id, u32 tables, each:
 *     u32 id, string name, bool carries rows, bytes appended,
 *     u32 count and as many u32 index ids, u32 count and as many u16 columns
 * </pre>
 *
 * @param nextTableId what the next table after these gets
 * @param tables every table of the new definition
 */
public record ResolvedMigration(int nextTableId, int nextIndexId, List<ResolvedTable> tables) {
    private static final int VERSION = 1;

    public ResolvedMigration {
        tables = List.copyOf(tables);
    }

    /**
     * One table.
     *
     * @param name canonical
     * @param carriesRows whether it has the rows that the table with this id had; else it is empty
     * @param appended what each of those rows gets at its end, BSATN of the added columns
     * @param indexIds in the order of the table's definition
     * @param carriedSequences columns whose sequence goes on where it stood
     */
    public record ResolvedTable(
            int id,
            String name,
            boolean carriesRows,
            Bytes appended,
            List<Integer> indexIds,
            List<Integer> carriedSequences) {
        public ResolvedTable {
            indexIds = List.copyOf(indexIds);
            carriedSequences = List.copyOf(carriedSequences);
        }
    }

    public Bytes toBytes() {
        BsatnWriter out = new BsatnWriter();
        out.writeByte(VERSION).writeInt(nextTableId).writeInt(nextIndexId).writeInt(tables.size());
        for (ResolvedTable table : tables) {
            out.writeInt(table.id).writeString(table.name).writeBool(table.carriesRows);
            out.writeByteArray(table.appended);
            out.writeInt(table.indexIds.size());
            table.indexIds.forEach(out::writeInt);
            out.writeInt(table.carriedSequences.size());
            table.carriedSequences.forEach(out::writeShort);
        }
        return out.toBytes();
    }

    /** @throws BsatnException if the bytes are something else, or of a later version */
    public static ResolvedMigration of(Bytes bytes) {
        BsatnReader in = new BsatnReader(bytes);
        int version = in.readU8();
        if (version != VERSION) {
            throw new BsatnException(
                    BsatnException.Category.CUSTOM,
                    "a migration is written in version " + version + ", this host reads " + VERSION);
        }
        int nextTableId = in.readInt();
        int nextIndexId = in.readInt();
        List<ResolvedTable> tables = new ArrayList<>();
        for (long left = in.readCount(); left > 0; left--) {
            tables.add(new ResolvedTable(
                    in.readInt(), in.readString(), in.readBool(), in.readByteArray(), readIds(in), readColumns(in)));
        }
        return new ResolvedMigration(nextTableId, nextIndexId, tables);
    }

    private static List<Integer> readIds(BsatnReader in) {
        List<Integer> ids = new ArrayList<>();
        for (long left = in.readCount(); left > 0; left--) {
            ids.add(in.readInt());
        }
        return ids;
    }

    private static List<Integer> readColumns(BsatnReader in) {
        List<Integer> columns = new ArrayList<>();
        for (long left = in.readCount(); left > 0; left--) {
            columns.add(in.readU16());
        }
        return columns;
    }
}
