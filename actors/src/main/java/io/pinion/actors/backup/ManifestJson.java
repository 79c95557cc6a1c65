package io.pinion.actors.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.actors.backup.BackupManifest.Part;
import io.pinion.actors.backup.BackupManifest.Point;
import io.pinion.actors.backup.BackupManifest.Table;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The JSON of heads and manifests. Unknown fields are ignored: a later version of the same format may add some. */
final class ManifestJson {
    private static final String FORMAT = "pinion-backup";
    private static final ObjectMapper JSON = new ObjectMapper();

    private ManifestJson() {}

    static byte[] write(BackupHead head) {
        return bytes(object(head));
    }

    static byte[] write(BackupManifest manifest) {
        ObjectNode json = object(manifest.head());
        write(json.putObject("first"), manifest.first());
        write(json.putObject("last"), manifest.last());
        for (Table table : manifest.tables()) {
            json.withArray("/tables")
                    .addObject()
                    .put("name", table.name())
                    .put("rows", table.rows())
                    .put("bytes", table.bytes());
        }
        for (Part part : manifest.parts()) {
            json.withArray("/parts")
                    .addObject()
                    .put("name", part.name())
                    .put("bytes", part.bytes())
                    .put("sha256", part.sha256());
        }
        return bytes(json);
    }

    private static ObjectNode object(BackupHead head) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT)
                .put("version", BackupHead.FORMAT_VERSION)
                .put("pinion", head.pinionVersion())
                .put("database", head.database().toHex());
        json.putArray("names");
        head.names().forEach(name -> json.withArray("/names").add(name));
        return json.put("owner", head.owner().toHex())
                .put("host_type", head.hostType())
                .put("program_hash", head.programHash().toHex());
    }

    private static void write(ObjectNode json, Point point) {
        json.put("offset", point.offset())
                .put("time", instant(point.timeMicros()).toString());
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("writing to memory", e);
        }
    }

    /** @throws BackupException if it is no head, or of a newer format */
    static BackupHead head(byte[] text) {
        JsonNode json = parse(text);
        if (!json.path("format").asText().equals(FORMAT)) {
            throw new BackupException("this is no backup of a database: its head says format "
                    + json.path("format").asText("nothing"));
        }
        int version = json.path("version").asInt();
        if (version != BackupHead.FORMAT_VERSION) {
            throw new BackupException("the backup has format version " + version + ", this Pinion reads "
                    + BackupHead.FORMAT_VERSION + "; it was written by Pinion "
                    + json.path("pinion").asText());
        }
        try {
            List<String> names = new ArrayList<>();
            json.path("names").forEach(name -> names.add(name.asText()));
            return new BackupHead(
                    text(json, "pinion"),
                    Identity.parse(text(json, "database")),
                    names,
                    Identity.parse(text(json, "owner")),
                    text(json, "host_type"),
                    Bytes.ofHex(text(json, "program_hash")));
        } catch (IllegalArgumentException e) {
            throw new BackupException("what the backup says of itself is damaged: " + e.getMessage(), e);
        }
    }

    /** @throws BackupException if it is no manifest, or of a newer format */
    static BackupManifest manifest(byte[] text) {
        JsonNode json = parse(text);
        BackupHead head = head(text);
        List<Table> tables = new ArrayList<>();
        for (JsonNode table : json.path("tables")) {
            tables.add(new Table(text(table, "name"), number(table, "rows"), number(table, "bytes")));
        }
        List<Part> parts = new ArrayList<>();
        for (JsonNode part : json.path("parts")) {
            parts.add(new Part(text(part, "name"), number(part, "bytes"), text(part, "sha256")));
        }
        return new BackupManifest(head, point(json.path("first")), point(json.path("last")), tables, parts);
    }

    private static Point point(JsonNode json) {
        try {
            return new Point(
                    number(json, "offset"),
                    ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text(json, "time"))));
        } catch (DateTimeException e) {
            throw new BackupException("a time in the manifest is damaged: " + e.getMessage(), e);
        }
    }

    private static String text(JsonNode json, String field) {
        if (!json.path(field).isTextual()) {
            throw new BackupException("the manifest is damaged: it lacks " + field);
        }
        return json.path(field).asText();
    }

    private static long number(JsonNode json, String field) {
        if (!json.path(field).isIntegralNumber()) {
            throw new BackupException("the manifest is damaged: it lacks " + field);
        }
        return json.path(field).asLong();
    }

    private static JsonNode parse(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new BackupException("the manifest is damaged: it is no JSON", e);
        }
    }
}
