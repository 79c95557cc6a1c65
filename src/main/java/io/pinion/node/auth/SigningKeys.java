package io.pinion.node.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * The P-256 key pair a node signs its tokens with. On disk: {@code id_ecdsa}, PKCS#8 PEM, readable by its owner only, and
 * {@code id_ecdsa.pub}, SPKI PEM. Replacing the pair invalidates every token the node has issued.
 *
 * @param publicPem the public key's file, byte for byte
 */
public record SigningKeys(ECPrivateKey privateKey, ECPublicKey publicKey, String publicPem) {
    static final String PRIVATE_FILE = "id_ecdsa";
    static final String PUBLIC_FILE = "id_ecdsa.pub";
    private static final int FIELD_BITS = 256;

    /**
     * Reads the pair from a directory; where both files are missing, makes a new one.
     *
     * @throws KeyFileException if only one file is there, or one does not hold its half of a P-256 pair
     */
    public static SigningKeys loadOrCreate(Path directory) throws KeyFileException {
        Path privateFile = directory.resolve(PRIVATE_FILE);
        Path publicFile = directory.resolve(PUBLIC_FILE);
        boolean hasPrivate = Files.exists(privateFile);
        boolean hasPublic = Files.exists(publicFile);
        if (hasPrivate != hasPublic) {
            throw new KeyFileException("of the two key files only " + (hasPrivate ? privateFile : publicFile)
                    + " exists: put " + (hasPrivate ? publicFile : privateFile)
                    + " back, or remove both to get a new pair (which invalidates all tokens issued so far)");
        }
        try {
            return hasPrivate ? load(privateFile, publicFile) : create(privateFile, publicFile);
        } catch (IOException e) {
            throw new KeyFileException("cannot use the key files in " + directory + ": " + e, e);
        }
    }

    private static SigningKeys create(Path privateFile, Path publicFile) throws IOException {
        KeyPair pair = generate();
        String publicPem = pem("PUBLIC KEY", pair.getPublic().getEncoded());
        writePrivately(privateFile, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        Files.writeString(publicFile, publicPem, StandardOpenOption.CREATE_NEW);
        return new SigningKeys((ECPrivateKey) pair.getPrivate(), (ECPublicKey) pair.getPublic(), publicPem);
    }

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no P-256", e);
        }
    }

    /** The file exists with mode 0600 before the key is in it. */
    private static void writePrivately(Path file, String text) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(file);
        }
        Files.writeString(file, text);
    }

    private static SigningKeys load(Path privateFile, Path publicFile) throws IOException, KeyFileException {
        String publicPem = Files.readString(publicFile);
        ECPrivateKey privateKey = readPrivate(privateFile);
        ECPublicKey publicKey = readPublic(publicFile, publicPem);
        if (!belongTogether(privateKey, publicKey)) {
            throw new KeyFileException(privateFile + " and " + publicFile + " are not one pair");
        }
        return new SigningKeys(privateKey, publicKey, publicPem);
    }

    private static ECPrivateKey readPrivate(Path file) throws IOException, KeyFileException {
        try {
            byte[] der = der(Files.readString(file), "PRIVATE KEY");
            ECPrivateKey key =
                    (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            requireP256(key.getParams().getCurve().getField().getFieldSize());
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyFileException(file + " is not a P-256 private key in PKCS#8 PEM: " + e.getMessage(), e);
        }
    }

    private static ECPublicKey readPublic(Path file, String pem) throws KeyFileException {
        try {
            byte[] der = der(pem, "PUBLIC KEY");
            ECPublicKey key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
            requireP256(key.getParams().getCurve().getField().getFieldSize());
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyFileException(file + " is not a P-256 public key in SPKI PEM: " + e.getMessage(), e);
        }
    }

    private static void requireP256(int fieldBits) {
        if (fieldBits != FIELD_BITS) {
            throw new IllegalArgumentException("its field has " + fieldBits + " bits");
        }
    }

    private static boolean belongTogether(ECPrivateKey privateKey, ECPublicKey publicKey) throws KeyFileException {
        byte[] probe = "pinion".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(privateKey);
            signer.update(probe);
            byte[] signature = signer.sign();
            signer.initVerify(publicKey);
            signer.update(probe);
            return signer.verify(signature);
        } catch (GeneralSecurityException e) {
            throw new KeyFileException("the key pair does not sign: " + e.getMessage(), e);
        }
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static byte[] der(String pem, String label) {
        String begin = "-----BEGIN " + label + "-----";
        int from = pem.indexOf(begin);
        int to = pem.indexOf("-----END " + label + "-----");
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("no block " + begin);
        }
        return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
    }
}
