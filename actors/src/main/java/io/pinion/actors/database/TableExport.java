package io.pinion.actors.database;

import io.pinion.actors.database.Database.TextFormat;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.RowSink;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.TableInfo;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** The rows of one table as text, from a frozen view. */
final class TableExport implements Transfers.Outgoing {
    private final FrozenView view;
    private final int tableId;
    private final TableInfo table;
    private final TextFormat format;

    /**
     * @param view closed at the end of the writing
     * @param tableId of the table, or of what its reader may see of it
     */
    TableExport(FrozenView view, int tableId, TableInfo table, TextFormat format) {
        this.view = view;
        this.tableId = tableId;
        this.table = table;
        this.format = format;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (view) {
            Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            RowText rows = RowText.of(format, table.rowType(), text);
            RowSink sink = (bytes, offset, length) -> {
                try {
                    rows.row(bytes, offset, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
            int code = view.reader(BackupParts::isInterrupted).scanTable(tableId, sink);
            if (code != StoreCode.OK) {
                throw new IllegalStateException("table " + table.name() + " cannot be read: " + code);
            }
            rows.end();
            text.flush();
        }
    }
}
