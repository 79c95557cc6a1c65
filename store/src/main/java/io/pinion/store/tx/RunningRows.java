package io.pinion.store.tx;

import io.pinion.store.schema.ModuleDef.SequenceDef;
import io.pinion.store.table.TableRows;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.math.BigInteger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The system tables of one database as they stand at one moment: what follows from the definition, and on top of that
 * {@code st_sequence} and {@code st_module}, whose rows are made when they are read. Tables that the host writes are not
 * here, unless they were never written.
 */
final class RunningRows {
    private static final int I128_BYTES = 16;
    private static final int I128_BITS = 127;
    private static final BigInteger SYSTEM_ALLOCATED_MIN = BigInteger.valueOf(Datastore.FIRST_ID);

    private final Schema schema;
    private final @Nullable ModuleFacts facts;
    private final Positions positions;

    /** Where sequences stand. */
    interface Positions {
        /** The value that the sequence of the column hands out next. */
        BigInteger next(TableSchema table, SequenceDef sequence);
    }

    RunningRows(Schema schema, @Nullable ModuleFacts facts, Positions positions) {
        this.schema = schema;
        this.facts = facts;
        this.positions = positions;
    }

    /** The rows for one reader, null if there is no such table. */
    @Nullable
    TableRows rows(int tableId) {
        if (SystemSchema.table(tableId) == null) {
            return null;
        }
        return switch (tableId) {
            case SystemSchema.ST_SEQUENCE -> sequences();
            case SystemSchema.ST_MODULE -> module(tableId, true);
            case SystemSchema.ST_MODULE_IN_PUBLIC -> module(tableId, false);
            default -> schema.rows().rows(tableId);
        };
    }

    private TableRows module(int tableId, boolean withProgram) {
        SystemRows rows = new SystemRows(tableId);
        if (facts != null) {
            Optional<Bytes> program = withProgram ? facts.program().get() : Optional.empty();
            rows.next()
                    .writeIdentity(facts.database())
                    .writeIdentity(facts.owner())
                    .writeByte(facts.kind() == ModuleFacts.ProgramKind.JAVASCRIPT ? 1 : 0)
                    .writeRaw(facts.programHash())
                    .writeByteArray(program.orElse(Bytes.EMPTY))
                    .writeString("");
            rows.add();
        }
        return rows.end();
    }

    private TableRows sequences() {
        SystemRows rows = new SystemRows(SystemSchema.ST_SEQUENCE);
        for (TableSchema table : SystemSchema.TABLES) {
            for (int i = 0; i < table.def().sequences().size(); i++) {
                add(rows, table, i, SYSTEM_ALLOCATED_MIN.max(lastSystemId(table.id())));
            }
        }
        for (TableSchema table : schema.moduleTables()) {
            for (int i = 0; i < table.def().sequences().size(); i++) {
                SequenceDef sequence = table.def().sequences().get(i);
                add(rows, table, i, allocated(sequence, positions.next(table, sequence)));
            }
        }
        return rows.end();
    }

    private static void add(SystemRows rows, TableSchema table, int position, BigInteger allocated) {
        SequenceDef sequence = table.def().sequences().get(position);
        BsatnWriter row = rows.next()
                .writeInt(table.sequenceIds().get(position))
                .writeString(sequence.name())
                .writeInt(table.id())
                .writeShort(sequence.column());
        row.writeBigInteger(sequence.increment(), I128_BYTES)
                .writeBigInteger(sequence.start(), I128_BYTES)
                .writeBigInteger(sequence.min(), I128_BYTES)
                .writeBigInteger(sequence.max(), I128_BYTES)
                .writeBigInteger(allocated, I128_BYTES);
        rows.add();
    }

    private BigInteger lastSystemId(int tableId) {
        SchemaIds.Next next = schema.ids().next();
        int nextId = switch (tableId) {
            case SystemSchema.ST_TABLE -> next.table();
            case SystemSchema.ST_INDEX -> next.index();
            case SystemSchema.ST_CONSTRAINT -> next.constraint();
            case SystemSchema.ST_SEQUENCE -> next.sequence();
            case SystemSchema.ST_SCHEDULED -> next.schedule();
            case SystemSchema.ST_VIEW -> next.view();
            default -> Datastore.FIRST_ID;
        };
        return BigInteger.valueOf(nextId - 1L);
    }

    /**
     * The value that was handed out before the next one: one step before the start while there was none, and round the
     * end of the range where the sequence has wrapped.
     */
    static BigInteger allocated(SequenceDef sequence, BigInteger next) {
        BigInteger before = next.subtract(sequence.increment());
        boolean isInRange = before.compareTo(sequence.min()) >= 0 && before.compareTo(sequence.max()) <= 0;
        boolean isFirst = next.equals(sequence.start()) && before.bitLength() <= I128_BITS;
        if (isInRange || isFirst) {
            return before;
        }
        BigInteger span = sequence.max().subtract(sequence.min()).add(BigInteger.ONE);
        return before.subtract(sequence.min()).mod(span).add(sequence.min());
    }
}
