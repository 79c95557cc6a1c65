package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Option;

/** Which node a command talks to, and as whom: one identity per server, made at the first command. */
final class ServerOption {
    private static final String DEFAULT = "http://127.0.0.1:3000";

    @Option(
            names = {"-s", "--server"},
            paramLabel = "URL",
            description = "The node to talk to (default: $PINION_SERVER, else " + DEFAULT + ").")
    private String server = "";

    /** Plain, without a slash at the end. */
    URI uri(Terminal terminal) {
        String text = server.isEmpty() ? terminal.variable("PINION_SERVER").orElse(DEFAULT) : server;
        String withScheme = text.contains("://") ? text : "http://" + text;
        try {
            URI uri = new URI(withScheme.replaceAll("/+$", ""));
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (isHttp && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new CliException("--server: " + text + " is no URL: " + e.getReason(), e);
        }
        throw new CliException("--server: " + text + " is no URL such as " + DEFAULT);
    }

    /** A client with the user's identity at that server. */
    NodeClient client(Terminal terminal) {
        URI uri = uri(terminal);
        Logins logins = new Logins(terminal.configDirectory());
        Logins.Login login = logins.find(uri).orElseGet(() -> logIn(terminal, uri));
        return NodeClient.anonymous(uri).as(login.token());
    }

    /** Gets a new identity from the server and keeps it. */
    static Logins.Login logIn(Terminal terminal, URI uri) {
        NodeClient anonymous = NodeClient.anonymous(uri);
        JsonNode answer = anonymous
                .require(anonymous.post("/v1/identity", "text/plain", ""))
                .json();
        Logins.Login login = new Logins.Login(
                answer.path("identity").asText(), answer.path("token").asText());
        Logins logins = new Logins(terminal.configDirectory());
        logins.save(uri, login);
        terminal.note("New identity at " + uri + ": " + login.identity() + " (kept in " + logins.file() + ")");
        return login;
    }
}
