package io.pinion.actors.backup;

import io.pinion.actors.backup.BackupManifest.Part;
import io.pinion.actors.backup.BackupManifest.Point;
import io.pinion.actors.backup.BackupManifest.Table;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes an archive as a stream: a zip file whose entries are cut into parts of a few megabytes. A part is a sequence of
 * frames, each a little-endian length of 32 bits and as many bytes. Used by one thread at a time, which may block.
 */
public final class ArchiveWriter implements AutoCloseable {
    static final String HEAD = "head.json";
    static final String MANIFEST = "manifest.json";
    /** Beyond it a part is complete; a frame is never cut. */
    static final int PART_BYTES = 8 << 20;

    private final Target target;
    private final ZipOutputStream zip;
    private final BackupHead head;
    private final List<Part> parts = new ArrayList<>();
    private final PartDigest digest = new PartDigest();
    private @Nullable PartKind kind;

    /** What comes after it was given up does not reach the other end: a zip file would be closed as if it were whole. */
    private static final class Target extends FilterOutputStream {
        private boolean isGivenUp;

        Target(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            if (!isGivenUp) {
                out.write(value);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!isGivenUp) {
                out.write(bytes, offset, length);
            }
        }

        @Override
        public void close() {}
    }

    /** @param out not closed here */
    public ArchiveWriter(OutputStream out, BackupHead head) throws IOException {
        this.target = new Target(out);
        this.zip = new ZipOutputStream(target);
        this.head = head;
        zip.setLevel(Deflater.BEST_SPEED);
        writeWhole(HEAD, ManifestJson.write(head));
    }

    private void writeWhole(String name, byte[] text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text);
        zip.closeEntry();
    }

    static String partName(int number, PartKind kind) {
        return String.format(Locale.ROOT, "%06d.%s", number, kind.suffix());
    }

    /** Appends a frame; one of a program or a state is a part of its own. */
    public void frame(PartKind frameKind, byte[] bytes) throws IOException {
        boolean standsAlone = frameKind == PartKind.PROGRAM || frameKind == PartKind.STATE;
        if (kind != frameKind || standsAlone || digest.bytes() >= PART_BYTES) {
            endPart();
            zip.putNextEntry(new ZipEntry(partName(parts.size() + 1, frameKind)));
            kind = frameKind;
        }
        byte[] length = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, bytes.length)
                .array();
        zip.write(length);
        zip.write(bytes);
        digest.add(length, length.length);
        digest.add(bytes, bytes.length);
    }

    private void endPart() throws IOException {
        PartKind ended = kind;
        if (ended != null) {
            zip.closeEntry();
            parts.add(new Part(
                    partName(parts.size() + 1, ended),
                    digest.bytes(),
                    HexFormat.of().formatHex(digest.end())));
            kind = null;
        }
    }

    /** Writes the manifest; without it nobody takes the archive for a whole one. */
    public BackupManifest finish(Point first, Point last, List<Table> tables) throws IOException {
        endPart();
        BackupManifest manifest = new BackupManifest(head, first, last, tables, parts);
        writeWhole(MANIFEST, ManifestJson.write(manifest));
        zip.finish();
        zip.flush();
        return manifest;
    }

    /** If it was not finished, nothing else is written. */
    @Override
    public void close() throws IOException {
        target.isGivenUp = true;
        zip.close();
    }
}
