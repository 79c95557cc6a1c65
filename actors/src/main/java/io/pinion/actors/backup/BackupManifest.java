package io.pinion.actors.backup;

import java.util.List;

/**
 * What is in a backup. Immutable.
 *
 * @param first the oldest state that can be restored from it
 * @param last the newest; the same as the first if no log is in it
 * @param tables of the first state, those with rows
 * @param parts in order
 */
public record BackupManifest(BackupHead head, Point first, Point last, List<Table> tables, List<Part> parts) {
    public BackupManifest {
        tables = List.copyOf(tables);
        parts = List.copyOf(parts);
    }

    /**
     * A state of the database.
     *
     * @param offset of its newest commit
     * @param timeMicros of that commit or later, since the Unix epoch
     */
    public record Point(long offset, long timeMicros) {}

    /** @param bytes of the rows and their lengths */
    public record Table(String name, long rows, long bytes) {}

    /**
     * @param bytes before compression
     * @param sha256 of those, in hex
     */
    public record Part(String name, long bytes, String sha256) {}

    /** Of all parts, before compression. */
    public long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    public long rows() {
        return tables.stream().mapToLong(Table::rows).sum();
    }

    public boolean hasLog() {
        return first.offset() != last.offset();
    }
}
