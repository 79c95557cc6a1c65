package io.pinion.store;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows between the packages of the store, and what none of them may do. */
class StoreArchitectureTest {
    private static final String STORE = "io.pinion.store";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(STORE);

    @Test
    void packagesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("value")
                .definedBy(STORE + ".value")
                .layer("schema")
                .definedBy(STORE + ".schema")
                .layer("table")
                .definedBy(STORE + ".table")
                .layer("tx")
                .definedBy(STORE + ".tx")
                .layer("query")
                .definedBy(STORE + ".query")
                .whereLayer("value")
                .mayNotAccessAnyLayer()
                .whereLayer("schema")
                .mayOnlyAccessLayers("value")
                .whereLayer("table")
                .mayOnlyAccessLayers("value")
                .whereLayer("tx")
                .mayOnlyAccessLayers("value", "schema", "table")
                .whereLayer("query")
                .mayOnlyAccessLayers("value", "schema", "tx")
                .check(CLASSES);
    }

    @Test
    void noPackagesNeedEachOther() {
        slices().matching(STORE + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void everyPackageHasItsPlace() {
        Set<String> packages =
                CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));

        assertEquals(
                Set.of(STORE + ".query", STORE + ".schema", STORE + ".table", STORE + ".tx", STORE + ".value"),
                packages);
    }

    @Test
    void nothingIsKnownOfActorsEnginesOrTheNetwork() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        STORE + "..",
                        "java.io..",
                        "java.lang..",
                        "java.math..",
                        "java.nio..",
                        "java.security..",
                        "java.text..",
                        "java.time..",
                        "java.util..",
                        "org.jspecify.annotations..",
                        // JSON without data binding: the spellings of values are the store's business.
                        "com.fasterxml.jackson.core..",
                        // The JDK has neither BLAKE3 nor the original Keccak.
                        "org.bouncycastle.crypto..")
                .check(CLASSES);
    }

    @Test
    void nothingTouchesFilesThreadsOrTheNetwork() {
        DescribedPredicate<JavaClass> forbidden = resideInAnyPackage(
                        "java.net..", "java.nio.file..", "java.nio.channels..", "java.util.concurrent..")
                .or(assignableTo(Thread.class))
                // A seed for hashes that nobody outside can guess.
                .and(not(type(ThreadLocalRandom.class)));

        noClasses().should().dependOnClassesThat(forbidden).check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        for (JavaClass javaClass : CLASSES) {
            JavaPackage javaPackage = javaClass.getPackage();
            assertTrue(
                    javaPackage.tryGetAnnotationOfType(NullMarked.class).isPresent(),
                    javaPackage.getName() + " has no @NullMarked package-info");
        }
    }

    @Test
    void nothingIsPrinted() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
    }

    @Test
    void noExceptionIsNameless() {
        NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS.check(CLASSES);
    }
}
