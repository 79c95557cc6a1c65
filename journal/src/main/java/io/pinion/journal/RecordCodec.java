package io.pinion.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * Events and snapshots as bytes. Payload and metadata are what Pekko's serialization makes of them.
 *
 * <pre>
 *    0        4      5       6                  14
 *   +--------+------+-------+------------------+-------------+---------------+---------+---------------+
 *   | crc32c | kind | flags | timestamp i64 ms | writer text | manifest text | payload | metadata, if  |
 *   | u32    | u8   | u8    |                  |             |               | object  | flag 1 is set |
 *   +--------+------+-------+------------------+-------------+---------------+---------+---------------+
 *   text    = length i32 | UTF-8
 *   object  = serializer id i32 | manifest text | length i32 | bytes
 *   kind    = 1 event, 2 number of a rejected event, 3 snapshot
 * </pre>
 *
 * A rejected event (2) ends after the flags: it keeps its number, so that every number has a record and a missing one is
 * damage. In a snapshot writer and manifest are empty. Instances are threadsafe.
 */
final class RecordCodec {
    private static final byte EVENT = 1;
    private static final byte REJECTED = 2;
    private static final byte SNAPSHOT = 3;

    private static final byte HAS_METADATA = 1;

    private static final int KIND_OFFSET = Checksum.BYTES;
    private static final int FLAGS_OFFSET = KIND_OFFSET + 1;
    private static final int TIMESTAMP_OFFSET = FLAGS_OFFSET + 1;
    private static final int WRITER_OFFSET = TIMESTAMP_OFFSET + Long.BYTES;

    private final Serialization serialization;

    RecordCodec(ActorSystem system) {
        this.serialization = SerializationExtension.get(system);
    }

    /** @throws RuntimeException or a checked exception of the serializer, if the event cannot be made into bytes */
    byte[] encodeEvent(PersistentRepr event) {
        return encode(
                EVENT,
                event.persistenceId(),
                event.sequenceNr(),
                event.timestamp(),
                event.writerUuid(),
                event.manifest(),
                event.payload(),
                event.metadata());
    }

    static byte[] encodeRejected(String persistenceId, long sequenceNr) {
        byte[] value = new byte[TIMESTAMP_OFFSET];
        value[KIND_OFFSET] = REJECTED;
        return Checksum.seal(value, persistenceId, sequenceNr);
    }

    byte[] encodeSnapshot(SnapshotMetadata about, Object snapshot) {
        return encode(
                SNAPSHOT,
                about.persistenceId(),
                about.sequenceNr(),
                about.timestamp(),
                "",
                "",
                snapshot,
                about.metadata());
    }

    /** @return null for the number of a rejected event */
    @Nullable
    PersistentRepr decodeEvent(String persistenceId, long sequenceNr, byte[] value) {
        requireIntact("event", persistenceId, sequenceNr, value);
        if (value[KIND_OFFSET] == REJECTED) {
            return null;
        }
        requireKind(EVENT, "event", persistenceId, sequenceNr, value);
        Reader reader = new Reader(name("event", persistenceId, sequenceNr), value);
        String writer = reader.text();
        String manifest = reader.text();
        Object payload = reader.object(serialization);
        PersistentRepr event = PersistentRepr.apply(
                        payload, sequenceNr, persistenceId, manifest, false, ActorRef.noSender(), writer)
                .withTimestamp(reader.timestamp());
        return reader.hasMetadata() ? event.withMetadata(reader.object(serialization)) : event;
    }

    SelectedSnapshot decodeSnapshot(String persistenceId, long sequenceNr, byte[] value) {
        requireIntact("snapshot", persistenceId, sequenceNr, value);
        requireKind(SNAPSHOT, "snapshot", persistenceId, sequenceNr, value);
        Reader reader = new Reader(name("snapshot", persistenceId, sequenceNr), value);
        reader.text();
        reader.text();
        Object snapshot = reader.object(serialization);
        SnapshotMetadata about = new SnapshotMetadata(persistenceId, sequenceNr, reader.timestamp());
        return SelectedSnapshot.create(
                reader.hasMetadata() ? about.withMetadata(reader.object(serialization)) : about, snapshot);
    }

    private byte[] encode(
            byte kind,
            String persistenceId,
            long sequenceNr,
            long timestampMillis,
            @Nullable String writer,
            @Nullable String manifest,
            Object payload,
            Option<Object> metadata) {
        byte[] writerUtf8 = utf8(writer);
        byte[] manifestUtf8 = utf8(manifest);
        SerializedObject body = SerializedObject.of(serialization, payload);
        SerializedObject extra = metadata.isDefined() ? SerializedObject.of(serialization, metadata.get()) : null;
        long size = (long) WRITER_OFFSET
                + textBytes(writerUtf8)
                + textBytes(manifestUtf8)
                + body.size()
                + (extra == null ? 0 : extra.size());
        ByteBuffer record = ByteBuffer.allocate(Math.toIntExact(size));
        record.putInt(0).put(kind).put(extra == null ? 0 : HAS_METADATA).putLong(timestampMillis);
        putText(record, writerUtf8);
        putText(record, manifestUtf8);
        body.put(record);
        if (extra != null) {
            extra.put(record);
        }
        return Checksum.seal(record.array(), persistenceId, sequenceNr);
    }

    private static void requireIntact(String what, String persistenceId, long sequenceNr, byte[] value) {
        if (value.length < TIMESTAMP_OFFSET || !Checksum.matches(value, persistenceId, sequenceNr)) {
            throw new CorruptRecordException(name(what, persistenceId, sequenceNr) + " is damaged: wrong checksum");
        }
    }

    private static void requireKind(byte kind, String what, String persistenceId, long sequenceNr, byte[] value) {
        if (value[KIND_OFFSET] != kind || value.length < WRITER_OFFSET) {
            throw new CorruptRecordException(
                    name(what, persistenceId, sequenceNr) + " has the unknown record kind " + value[KIND_OFFSET]);
        }
    }

    private static String name(String what, String persistenceId, long sequenceNr) {
        return what + " " + sequenceNr + " of persistence id " + persistenceId;
    }

    private static byte[] utf8(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static int textBytes(byte[] utf8) {
        return Integer.BYTES + utf8.length;
    }

    private static void putText(ByteBuffer record, byte[] utf8) {
        record.putInt(utf8.length).put(utf8);
    }

    /** A payload as its serializer made it. */
    private static final class SerializedObject {
        private final int serializerId;
        private final byte[] manifestUtf8;
        private final byte[] bytes;

        private SerializedObject(int serializerId, byte[] manifestUtf8, byte[] bytes) {
            this.serializerId = serializerId;
            this.manifestUtf8 = manifestUtf8;
            this.bytes = bytes;
        }

        static SerializedObject of(Serialization serialization, Object value) {
            byte[] bytes = serialization.serialize(value).get();
            Serializer serializer = serialization.findSerializerFor(value);
            return new SerializedObject(
                    serializer.identifier(), utf8(Serializers.manifestFor(serializer, value)), bytes);
        }

        long size() {
            return (long) Integer.BYTES + textBytes(manifestUtf8) + Integer.BYTES + bytes.length;
        }

        void put(ByteBuffer record) {
            record.putInt(serializerId);
            putText(record, manifestUtf8);
            record.putInt(bytes.length).put(bytes);
        }
    }

    /** Reads a record whose checksum was right, so that a length beyond its end is a fault of the writer. */
    private static final class Reader {
        private final String name;
        private final ByteBuffer record;

        Reader(String name, byte[] value) {
            this.name = name;
            this.record = ByteBuffer.wrap(value).position(WRITER_OFFSET);
        }

        long timestamp() {
            return record.getLong(TIMESTAMP_OFFSET);
        }

        boolean hasMetadata() {
            return (record.get(FLAGS_OFFSET) & HAS_METADATA) != 0;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        Object object(Serialization serialization) {
            int serializerId = integer();
            String manifest = text();
            return serialization.deserialize(bytes(), serializerId, manifest).get();
        }

        private byte[] bytes() {
            int length = integer();
            if (length < 0 || length > record.remaining()) {
                throw new CorruptRecordException(name + " ends before its fields do");
            }
            byte[] bytes = new byte[length];
            record.get(bytes);
            return bytes;
        }

        private int integer() {
            if (record.remaining() < Integer.BYTES) {
                throw new CorruptRecordException(name + " ends before its fields do");
            }
            return record.getInt();
        }
    }
}
