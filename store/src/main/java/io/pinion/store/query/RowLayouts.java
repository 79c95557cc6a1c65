package io.pinion.store.query;

import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.value.BsatnLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The layouts of a fragment's rows, as far as columns are looked at. Immutable. */
final class RowLayouts {
    private final List<List<BsatnLayout>> columns;

    private RowLayouts(List<List<BsatnLayout>> columns) {
        this.columns = columns;
    }

    static RowLayouts of(LogicalSelect select) {
        int[] last = new int[select.tables().size()];
        Arrays.setAll(last, source -> select.tables().get(source).hiddenCount() - 1);
        JoinPlanner.withImplied(select.conditions())
                .forEach(condition -> condition.forEachColumn(
                        column -> last[column.source()] = Math.max(last[column.source()], column.column())));
        if (select.output() instanceof Output.Columns(List<ColumnRef> outputs)) {
            outputs.forEach(column -> last[column.source()] = Math.max(last[column.source()], column.column()));
        }
        return new RowLayouts(IntStream.range(0, last.length)
                .mapToObj(source -> layouts(select.tables().get(source), last[source]))
                .toList());
    }

    private static List<BsatnLayout> layouts(Catalog.Table table, int last) {
        return table.columns().stream()
                .limit(last + 1L)
                .map(column -> BsatnLayout.of(column.type()))
                .toList();
    }

    /** New ones, by source. */
    RowCursor[] cursors() {
        return columns.stream().map(RowCursor::new).toArray(RowCursor[]::new);
    }
}
