package io.pinion.actors.backup;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** An archive as a file. */
public final class BackupFile {
    /** How the names of archives end. */
    public static final String SUFFIX = ".pinion.zip";

    private static final ArchiveReader.Receiver NOBODY = new ArchiveReader.Receiver() {
        @Override
        public void head(BackupHead head) {}

        @Override
        public void frame(PartKind kind, byte[] bytes) {}
    };

    private BackupFile() {}

    /**
     * What the archive says is in it; nothing else of it is read.
     *
     * @throws BackupException if it is no archive, or incomplete
     */
    public static BackupManifest manifest(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(ArchiveWriter.MANIFEST);
            if (entry == null) {
                throw new BackupException(
                        "this is no backup of a database, or an incomplete one: it has no " + ArchiveWriter.MANIFEST);
            }
            try (InputStream text = zip.getInputStream(entry)) {
                return ManifestJson.manifest(text.readAllBytes());
            }
        } catch (ZipException e) {
            throw new BackupException(
                    "this is no backup of a database, or an incomplete one: its end is missing (" + e.getMessage()
                            + ")",
                    e);
        }
    }

    /**
     * Reads all of it and checks every part.
     *
     * @throws BackupException if it is no archive, incomplete or damaged; it names the part
     */
    public static BackupManifest verify(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new ArchiveReader(in, Long.MAX_VALUE).read(NOBODY);
        }
    }
}
