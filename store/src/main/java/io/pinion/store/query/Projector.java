package io.pinion.store.query;

import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.tx.RowSink;
import io.pinion.store.value.BsatnWriter;

/** Makes rows of the result of the rows that were found. Hot path: no allocation once warm. Used by one thread. */
final class Projector implements JoinRun.Target {
    private final RowSink sink;
    private final int wholeSource;
    private final int hiddenCount;
    private final ColumnRef[] columns;
    private final BsatnWriter row = new BsatnWriter();

    private Projector(RowSink sink, int wholeSource, int hiddenCount, ColumnRef[] columns) {
        this.sink = sink;
        this.wholeSource = wholeSource;
        this.hiddenCount = hiddenCount;
        this.columns = columns;
    }

    static Projector of(LogicalSelect select, RowSink sink) {
        return switch (select.output()) {
            case Output.WholeRows(int source) ->
                new Projector(sink, source, select.tables().get(source).hiddenCount(), new ColumnRef[0]);
            case Output.Columns(var columns) -> new Projector(sink, -1, 0, columns.toArray(ColumnRef[]::new));
            case Output.Count _ -> throw new IllegalArgumentException("a count has no rows to project");
        };
    }

    @Override
    public void found(RowCursor[] rows) {
        if (wholeSource >= 0) {
            RowCursor whole = rows[wholeSource];
            int start = whole.start(hiddenCount);
            sink.row(whole.bytes(), start, whole.end() - start);
            return;
        }
        row.reset();
        for (ColumnRef column : columns) {
            RowCursor from = rows[column.source()];
            row.writeRaw(from.bytes(), from.start(column.column()), from.length(column.column()));
        }
        sink.row(row.buffer(), 0, row.length());
    }
}
