package io.pinion.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logs", mixinStandardHelpOptions = true, description = "Prints the log of a database of yours.")
final class LogsCommand implements Runnable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FOLLOWED_LINES = 10;
    private static final String HOST_MARK = "__spacetimedb__";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    private final Terminal terminal;

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "DATABASE", description = "Name or identity.")
    private String database = "";

    @Option(
            names = {"-n", "--num-lines"},
            paramLabel = "N",
            description = "Only the newest N lines (default: all, 10 with -f).")
    private @Nullable Long lineCount;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with new lines as they are written, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--json", description = "Print the lines as they came.")
    private boolean asJson;

    LogsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String path = DatabaseNames.path(database) + "/logs?follow=" + follow + lineCountQuery();
        NodeClient client = server.client(terminal);
        try (InputStream stream = client.stream(path);
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                terminal.print(asJson ? line : readable(line));
            }
        } catch (IOException e) {
            throw new CliException("the log of " + database + " broke off: " + e, e);
        }
    }

    private String lineCountQuery() {
        if (lineCount == null) {
            return follow ? "&num_lines=" + FOLLOWED_LINES : "";
        }
        if (lineCount < 0) {
            throw new CliException("-n: " + lineCount + " is negative");
        }
        return "&num_lines=" + lineCount;
    }

    private static String readable(String line) {
        JsonNode log;
        try {
            log = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new CliException("the server sent a line that is no log record: " + line, e);
        }
        Instant at = Instant.EPOCH.plus(log.path("ts").asLong(), ChronoUnit.MICROS);
        StringBuilder text = new StringBuilder(TIME.format(at.atZone(ZoneId.systemDefault())));
        text.append(String.format(" %-5s ", log.path("level").asText()));
        String function = log.path("function").asText("");
        if (!function.isEmpty() && !function.equals(HOST_MARK)) {
            text.append(function).append(": ");
        }
        text.append(log.path("message").asText());
        log.path("trace")
                .forEach(frame -> text.append("\n      at ")
                        .append(frame.path("func_name").asText("?"))
                        .append(" (")
                        .append(frame.path("module_name").asText("?"))
                        .append(')'));
        return text.toString();
    }
}
