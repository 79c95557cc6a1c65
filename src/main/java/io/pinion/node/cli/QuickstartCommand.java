package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.PinionNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = "Starts a node with a sample bank in it, calls it and shows its rows.")
final class QuickstartCommand implements Runnable {
    private static final String DATABASE = "bank";
    private static final String PROGRAM = "examples/bank-js/bank.js";

    private final Terminal terminal;

    @Mixin
    private final StartOptions options = new StartOptions();

    @Option(names = "--once", description = "Stop after the rows instead of running until Ctrl-C.")
    private boolean once;

    QuickstartCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        terminal.note("Starting a node ...");
        byte[] program = PublishCommand.read(program());
        try (PinionNode node = options.start(terminal)) {
            showBank(node.url(), program);
            if (!once) {
                terminal.print(whatNext(node.url()));
                node.whenEnded().toCompletableFuture().join();
            }
        }
    }

    private Path program() {
        return Stream.of(terminal.home().orElse(terminal.directory()), terminal.directory())
                .map(folder -> folder.resolve(PROGRAM))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new CliException("the sample " + PROGRAM
                        + " is missing: run the launcher script of a checkout or of an unpacked archive"));
    }

    private void showBank(URI url, byte[] program) {
        Logins logins = new Logins(terminal.configDirectory());
        NodeClient client = NodeClient.anonymous(url).as(loginFor(url, logins).token());
        String path = DatabaseNames.path(DATABASE);
        terminal.note("Publishing the sample " + PROGRAM + " as " + DATABASE + " ...");
        terminal.print(PublishCommand.publish(client, path, DATABASE, program, ""));
        call(client, path, "seed", "[3,100]");
        call(client, path, "transfer", transfer(client, path));
        query(client, path, "SELECT * FROM accounts");
    }

    /**
     * The user's identity at this node, whatever port it had at other times; a new one where its keys are new. Tokens of
     * other nodes are worth nothing here.
     */
    private Logins.Login loginFor(URI url, Logins logins) {
        Optional<Logins.Login> known = Stream.concat(logins.find(url).stream(), logins.all().stream())
                .filter(login -> NodeClient.anonymous(url)
                        .as(login.token())
                        .get("/v1/ping")
                        .isSuccess())
                .findFirst();
        known.ifPresent(login -> logins.save(url, login));
        return known.orElseGet(() -> ServerOption.logIn(terminal, url));
    }

    /** From the richest account to the poorest, so that the sample can be run any number of times. */
    private static String transfer(NodeClient client, String path) {
        JsonNode rows = sql(client, path, "SELECT * FROM accounts").path(0).path("rows");
        JsonNode richest = rows.path(0);
        JsonNode poorest = rows.path(0);
        for (JsonNode row : rows) {
            richest = balance(row) > balance(richest) ? row : richest;
            poorest = balance(row) <= balance(poorest) ? row : poorest;
        }
        return "[" + richest.path(0) + "," + poorest.path(0) + ",10]";
    }

    private static long balance(JsonNode account) {
        return account.path(2).asLong();
    }

    private static JsonNode sql(NodeClient client, String path, String sql) {
        return client.require(client.post(path + "/sql", "text/plain; charset=utf-8", sql))
                .json();
    }

    private void call(NodeClient client, String path, String function, String arguments) {
        terminal.print("\n> pinion call " + DATABASE + " " + function + " "
                + arguments.substring(1, arguments.length() - 1).replace(',', ' '));
        CallCommand.call(client, path, function, arguments);
        terminal.print("committed");
    }

    private void query(NodeClient client, String path, String sql) {
        terminal.print("\n> pinion sql " + DATABASE + " \"" + sql + "\"");
        sql(client, path, sql).forEach(result -> terminal.print(SqlTable.render(result)));
    }

    private static String whatNext(URI url) {
        String server = url.getPort() == 3000 ? "" : " --server " + url;
        return """

                The node runs at %1$s until Ctrl-C.
                  schema   %1$s/v1/database/bank/schema?version=9
                  health   %1$s/v1/health

                Try in another terminal:
                  ./pinion call%2$s bank transfer 2 3 25
                  ./pinion sql%2$s bank "SELECT * FROM accounts WHERE id = 3"
                  ./pinion logs%2$s bank -f
                  ./pinion init my-app && ./pinion publish%2$s my-guestbook my-app""".formatted(url, server);
    }
}
