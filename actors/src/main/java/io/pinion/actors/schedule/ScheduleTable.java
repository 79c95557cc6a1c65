package io.pinion.actors.schedule;

import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.BsatnReader;
import java.util.List;

/** Where key and time stand in the rows of one schedule table. Immutable. */
final class ScheduleTable {
    private static final int INTERVAL_TAG = 0;

    private final int tableId;
    private final String functionName;
    private final int keyColumn;
    private final int atColumn;
    private final BsatnLayout[] layouts;

    private ScheduleTable(
            int tableId, String functionName, int keyColumn, int atColumn, List<ModuleDef.ColumnDef> columns) {
        this.tableId = tableId;
        this.functionName = functionName;
        this.keyColumn = keyColumn;
        this.atColumn = atColumn;
        this.layouts = columns.stream()
                .map(ModuleDef.ColumnDef::type)
                .map((AlgebraicType type) -> BsatnLayout.of(type))
                .toArray(BsatnLayout[]::new);
    }

    /** @throws IllegalArgumentException if the definition has no schedule or no primary key */
    static ScheduleTable of(ModuleDef.TableDef table, int tableId) {
        ModuleDef.ScheduleDef schedule = table.schedule()
                .orElseThrow(() -> new IllegalArgumentException("table " + table.name() + " has no schedule"));
        int keyColumn = table.primaryKey()
                .orElseThrow(() -> new IllegalArgumentException("schedule table " + table.name() + " has no key"));
        return new ScheduleTable(tableId, schedule.functionName(), keyColumn, schedule.atColumn(), table.columns());
    }

    int tableId() {
        return tableId;
    }

    String functionName() {
        return functionName;
    }

    /** The u64 key of a row. */
    long key(byte[] row, int start, int end) {
        return new BsatnReader(row, start(keyColumn, row, start, end), Long.BYTES).readLong();
    }

    When when(byte[] row, int start, int end) {
        BsatnReader at = new BsatnReader(row, start(atColumn, row, start, end), 1 + Long.BYTES);
        boolean isInterval = at.readU8() == INTERVAL_TAG;
        return new When(isInterval, at.readLong());
    }

    private int start(int column, byte[] row, int start, int end) {
        int at = start;
        for (int i = 0; i < column; i++) {
            at = layouts[i].skip(row, at, end);
        }
        return at;
    }

    /**
     * The value of a schedule column.
     *
     * @param micros an interval, or a time since the Unix epoch
     */
    record When(boolean isInterval, long micros) {}
}
