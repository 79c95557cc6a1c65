package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.IndexDef;
import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.schema.ModuleDef.TableDef;
import io.pinion.store.table.Epochs;
import io.pinion.store.table.IndexSpec;
import io.pinion.store.table.RowLayout;
import io.pinion.store.table.Table;
import io.pinion.store.table.TableIndex;
import io.pinion.store.table.TableRows;
import io.pinion.store.table.TableShape;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.Typespace;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One table of a migration that takes a look at every row: it is made anew beside the one in use, or only looked through
 * for values that a new sequence would hand out again. Used by one thread at a time.
 *
 * <p>A table made anew follows what is committed to the old one: every row that came and every row that went, with what is
 * appended to it. It has {@link Epochs} of its own until it is installed. When rows collide it is given up, and only looked
 * at for further reasons.
 */
final class TableBuild {
    private static final int POLL_MASK = 1023;
    private static final int KEY_CHARS_MAX = 200;

    private final TableDef def;
    private final TableShape shape;
    private final boolean isRebuilt;
    private final RowLayout layout;
    private final byte[] appended;
    private final List<SequenceDef> added;
    private final Set<String> reasons = new LinkedHashSet<>();
    private Table table;
    private byte[] row = new byte[64];
    private int rowLength;
    private boolean isGivenUp;
    /** Rows looked at so far. */
    private int done;

    /**
     * @param schema of the table as it will be
     * @param added sequences that no row may hold a value of
     */
    TableBuild(TableSchema schema, boolean isRebuilt, Bytes appended, List<SequenceDef> added) {
        this.def = schema.def();
        this.shape = schema.shape();
        this.isRebuilt = isRebuilt;
        this.appended = appended.unsafeArray();
        this.added = List.copyOf(added);
        this.table = isRebuilt ? schema.newTable(new Epochs()) : tableWith(List.of());
        this.layout = table.layout();
    }

    private Table tableWith(List<IndexSpec> specs) {
        return new Table(shape.with(specs), new Epochs());
    }

    boolean isRebuilt() {
        return isRebuilt;
    }

    /** The table made anew. */
    Table table() {
        return table;
    }

    /** Why it cannot be; in the order in which it was found. */
    List<String> reasons() {
        return List.copyOf(reasons);
    }

    /** @throws OperationStoppedException if that was asked for */
    void copy(TableRows source, BooleanSupplier stopRequested) {
        for (int at = source.nextLive(1); at != 0; at = source.nextLive(at + 1)) {
            poll(stopRequested);
            take(source, at);
            checkRanges();
            if (isRebuilt && !isGivenUp && !table.add(row, 0, rowLength)) {
                findCollisions(source, stopRequested);
            }
        }
    }

    private void poll(BooleanSupplier stopRequested) {
        if ((++done & POLL_MASK) == 0 && stopRequested.getAsBoolean()) {
            throw new OperationStoppedException();
        }
    }

    private void take(TableRows source, int at) {
        take(source.page(at), source.offset(at), source.length(at));
    }

    private void take(byte[] bytes, int offset, int length) {
        rowLength = Math.addExact(length, appended.length);
        if (row.length < rowLength) {
            row = new byte[Math.max(rowLength, 2 * row.length)];
        }
        System.arraycopy(bytes, offset, row, 0, length);
        System.arraycopy(appended, 0, row, length, appended.length);
    }

    /** Asks each unique index by itself, so that one does not hide what another finds. */
    private void findCollisions(TableRows source, BooleanSupplier stopRequested) {
        giveUp();
        for (IndexDef index : def.indexes()) {
            if (index.isUnique()) {
                findCollision(index, source, stopRequested);
            }
        }
        requireReason();
    }

    private void findCollision(IndexDef index, TableRows source, BooleanSupplier stopRequested) {
        Table alone = tableWith(List.of(IndexState.spec(index)));
        for (int at = source.nextLive(1); at != 0; at = source.nextLive(at + 1)) {
            poll(stopRequested);
            take(source, at);
            if (!alone.add(row, 0, rowLength)) {
                reasons.add(collision(index));
                return;
            }
        }
    }

    private String collision(IndexDef index) {
        return "index " + index.name() + " of table " + def.name() + " cannot be unique: two rows have " + key(index);
    }

    /** The columns of an index and what the present row has there. */
    private String key(IndexDef index) {
        List<Element> elements = new ArrayList<>();
        BsatnWriter values = new BsatnWriter();
        List<String> names = new ArrayList<>();
        for (int column : index.columns()) {
            AlgebraicType type = def.columns().get(column).type();
            names.add(def.columns().get(column).name());
            elements.add(new Element(names.getLast(), type));
            int start = layout.columnStart(row, 0, column);
            values.writeRaw(row, start, layout.columnEnd(row, 0, column) - start);
        }
        String json = SatsJson.toJson(
                SatsJson.Spelling.POSITIONAL, Typespace.EMPTY, new AlgebraicType.Product(elements), values.toBytes());
        String shown = json.length() <= KEY_CHARS_MAX ? json : json.substring(0, KEY_CHARS_MAX) + "…";
        return "(" + String.join(", ", names) + ") = " + shown;
    }

    private void checkRanges() {
        for (SequenceDef sequence : added) {
            if (def.columns().get(sequence.column()).type() instanceof Primitive type) {
                int at = layout.columnStart(row, 0, sequence.column());
                BigInteger value = new BsatnReader(row, at, type.size()).readBigInteger(type.size(), type.isSigned());
                if (value.compareTo(sequence.min()) >= 0 && value.compareTo(sequence.max()) <= 0) {
                    reasons.add(heldValue(sequence));
                }
            }
        }
    }

    private String heldValue(SequenceDef sequence) {
        return "sequence " + sequence.name() + " cannot be put on column "
                + def.columns().get(sequence.column()).name() + " of table " + def.name()
                + ": rows hold values from " + sequence.min() + " to " + sequence.max();
    }

    /** Follows what was committed after what was copied. */
    void apply(RowChanges changes, BooleanSupplier stopRequested) {
        for (int i = 0; i < changes.count(); i++) {
            poll(stopRequested);
            take(changes.rows(), i);
            if (changes.hasCome(i)) {
                come();
            } else if (isRebuilt && !isGivenUp && !table.remove(row, 0, rowLength)) {
                throw new IllegalStateException("table " + def.name() + " loses a row that its copy does not have");
            }
        }
    }

    private void come() {
        checkRanges();
        if (isRebuilt && !isGivenUp && !table.add(row, 0, rowLength)) {
            nameCollisions();
        }
    }

    private void take(RowList rows, int number) {
        take(rows.unsafeArray(), rows.start(number), rows.end(number) - rows.start(number));
    }

    /** Of the row that the table was aimed at. */
    private void nameCollisions() {
        Table collided = table;
        giveUp();
        for (int i = 0; i < def.indexes().size(); i++) {
            TableIndex index = collided.index(i);
            if (index.isUnique() && collided.findAimed(index) != 0) {
                reasons.add(collision(def.indexes().get(i)));
            }
        }
        requireReason();
    }

    /** A row that does not fit although no key is there twice would be there already itself. */
    private void requireReason() {
        if (reasons.isEmpty()) {
            throw new IllegalStateException("the copy of table " + def.name() + " has a row that it should not have");
        }
    }

    private void giveUp() {
        isGivenUp = true;
        table = tableWith(List.of());
    }
}
