package io.pinion.actors.backup;

import io.pinion.actors.backup.BackupManifest.Part;
import io.pinion.actors.durability.CorruptEventException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive as a stream and checks it: each part by its own checksum and by that of the manifest, and that none is
 * missing. What it hands on before it has come to the end may still turn out to be damaged. Used by one thread, which may
 * block.
 */
public final class ArchiveReader {
    /** No frame is longer: the largest transaction that can be configured, and a little. */
    private static final int FRAME_BYTES_MAX = (1 << 30) + (1 << 20);

    private static final int TEXT_BYTES_MAX = 64 << 20;

    private final InputStream source;
    private final ZipInputStream zip;
    private final List<Part> found = new ArrayList<>();
    private final PartDigest digest = new PartDigest();
    private final long bytesMax;
    private long bytes;
    private String place = ArchiveWriter.HEAD;

    /** @param bytesMax of all parts, before compression; a longer archive is refused */
    public ArchiveReader(InputStream source, long bytesMax) {
        this.source = source;
        this.bytesMax = bytesMax;
        this.zip = new ZipInputStream(source);
    }

    /** Who gets what is in an archive, in order. */
    public interface Receiver {
        /** Comes first. */
        void head(BackupHead head);

        /** @throws CorruptEventException if the bytes are not what they should be */
        void frame(PartKind kind, byte[] bytes);
    }

    /**
     * Reads everything.
     *
     * @throws BackupException if it is no archive, incomplete or damaged; it names the part
     * @throws IOException as the source throws it
     */
    public BackupManifest read(Receiver receiver) throws IOException {
        try {
            receiver.head(readHead());
            BackupManifest manifest = readParts(receiver);
            requireSame(manifest.parts());
            source.transferTo(OutputStream.nullOutputStream());
            return manifest;
        } catch (ZipException e) {
            throw damaged(e.getMessage(), e);
        } catch (EOFException e) {
            throw new BackupException("the backup is incomplete: it breaks off in " + place, e);
        }
    }

    private BackupHead readHead() throws IOException {
        ZipEntry entry = zip.getNextEntry();
        if (entry == null || !entry.getName().equals(ArchiveWriter.HEAD)) {
            throw new BackupException("this is no backup of a database: it does not begin with " + ArchiveWriter.HEAD);
        }
        BackupHead head = ManifestJson.head(readWhole());
        zip.closeEntry();
        return head;
    }

    private BackupManifest readParts(Receiver receiver) throws IOException {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            place = entry.getName();
            if (place.equals(ArchiveWriter.MANIFEST)) {
                BackupManifest manifest = ManifestJson.manifest(readWhole());
                zip.closeEntry();
                return manifest;
            }
            readPart(kind(), receiver);
        }
        throw new BackupException("the backup is incomplete: it breaks off after " + place);
    }

    private PartKind kind() {
        int number = found.size() + 1;
        return Arrays.stream(PartKind.values())
                .filter(kind -> ArchiveWriter.partName(number, kind).equals(place))
                .findFirst()
                .orElseThrow(() -> new BackupException("part %06d of the backup is missing or damaged: %s is there"
                        .formatted(number, place.replaceAll("[^ -~]", "?"))));
    }

    private void readPart(PartKind kind, Receiver receiver) throws IOException {
        byte[] length = new byte[Integer.BYTES];
        for (int read = zip.readNBytes(length, 0, Integer.BYTES);
                read > 0;
                read = zip.readNBytes(length, 0, Integer.BYTES)) {
            int frameBytes =
                    ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt();
            if (read < Integer.BYTES || frameBytes < 0 || frameBytes > FRAME_BYTES_MAX) {
                throw damaged("a length of " + Integer.toUnsignedString(frameBytes) + " cannot be", null);
            }
            bytes += frameBytes;
            if (bytes > bytesMax) {
                throw new BackupException("the backup holds more than the " + bytesMax + " bytes that are allowed");
            }
            byte[] frame = zip.readNBytes(frameBytes);
            if (frame.length < frameBytes) {
                throw damaged("it ends within a frame", null);
            }
            digest.add(length, Integer.BYTES);
            digest.add(frame, frameBytes);
            hand(kind, frame, receiver);
        }
        zip.closeEntry();
        found.add(new Part(place, digest.bytes(), HexFormat.of().formatHex(digest.end())));
    }

    private void hand(PartKind kind, byte[] frame, Receiver receiver) {
        try {
            receiver.frame(kind, frame);
        } catch (CorruptEventException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    private byte[] readWhole() throws IOException {
        byte[] text = zip.readNBytes(TEXT_BYTES_MAX);
        if (zip.read() >= 0) {
            throw damaged("it is longer than " + TEXT_BYTES_MAX + " bytes", null);
        }
        return text;
    }

    private void requireSame(List<Part> promised) {
        for (int i = 0; i < Math.max(found.size(), promised.size()); i++) {
            if (i >= found.size() || i >= promised.size() || !found.get(i).equals(promised.get(i))) {
                place = i < promised.size()
                        ? promised.get(i).name()
                        : found.get(i).name();
                throw damaged("it is not the one that the manifest names", null);
            }
        }
    }

    private BackupException damaged(@Nullable String why, @Nullable Throwable cause) {
        String text = "the part " + place + " of the backup is damaged: " + why;
        return cause == null ? new BackupException(text) : new BackupException(text, cause);
    }
}
