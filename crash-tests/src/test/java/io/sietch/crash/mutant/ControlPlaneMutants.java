package io.sietch.crash.mutant;

import io.sietch.crash.torture.Hunt;
import io.sietch.crash.torture.Prey;
import java.util.ArrayList;
import java.util.List;

/** Mistakes in the control plane. */
final class ControlPlaneMutants {
    private static final String VSA = "io.sietch.vsa.";
    private static final String STORE = VSA + "CatalogueStore";
    private static final String PLANE = VSA + "ControlPlane";
    private static final String FORMAT = VSA + "CatalogueFormat";

    private static final String FEW = "create a 2,create b 3,rename b c";
    private static final String REUSE = "create a 2,delete a,create b 2,create c 1";

    /** A catalogue of several sectors, so that a copy of it can be torn between them. */
    private static final String WIDE = wide();

    private final List<MutantCase> cases = new ArrayList<>();

    private static String wide() {
        StringBuilder lines = new StringBuilder();
        for (char name = 'a'; name < 'e'; name++) {
            lines.append("create ").append(String.valueOf(name).repeat(200)).append(" 1,");
        }
        return lines + "create z 1,resize z 2";
    }

    static List<MutantCase> all() {
        ControlPlaneMutants mutants = new ControlPlaneMutants();
        mutants.committing();
        mutants.recovering();
        mutants.space();
        mutants.failing();
        return mutants.cases;
    }

    private void add(Hunt hunt, String workload, Mutant mutant) {
        cases.add(new MutantCase(mutant, Prey.CONTROL_PLANE, hunt, workload));
    }

    private void committing() {
        add(
                Hunt.SECTORS,
                WIDE,
                Mutant.of("a commit writes both pairs at once", STORE, "commit", Edit.skipCall("flush", 0), 1));
        add(
                Hunt.SECTORS,
                WIDE,
                Mutant.of("a commit does not flush its second pair", STORE, "commit", Edit.skipCall("flush", 0), 2));
        add(
                Hunt.SECTORS,
                FEW,
                Mutant.of("a commit does not flush", STORE, "commit", Edit.skipCall("flush", 0), 1)
                        .and(STORE, "commit", Edit.skipCall("flush", 0), 2));
        add(
                Hunt.SECTORS,
                FEW,
                Mutant.of("a commit takes the sequence of the one before", STORE, "commit", Edit.number(1L, 0L), 1));
        add(
                Hunt.SECTORS,
                WIDE,
                Mutant.of("one pair is never written", STORE, "commit", Edit.skipCall("write", 0), 3)
                        .and(STORE, "commit", Edit.skipCall("write", 0), 4));
        add(Hunt.SECTORS, FEW, Mutant.of("formatting does not flush", STORE, "format", Edit.skipCall("flush", 0), 1));
    }

    private void recovering() {
        add(
                Hunt.SECTORS,
                FEW,
                Mutant.of(
                        "recovery does not flush what it is about to read",
                        STORE,
                        "recover",
                        Edit.skipCall("flush", 0),
                        1));
        add(
                Hunt.SECTORS,
                WIDE,
                Mutant.of("recovery does not repair copies", STORE, "recover", Edit.skipCall("repair", 0), 1));
        add(
                Hunt.SECTORS,
                WIDE,
                Mutant.of("a repair does not flush between copies", STORE, "repair", Edit.skipCall("flush", 0), 1));
        add(Hunt.SECTORS, WIDE, Mutant.of("copies are not checked", FORMAT, "decode", Edit.jump(true), 4));
    }

    private void space() {
        add(Hunt.SECTORS, REUSE, Mutant.of("space is not made zero", PLANE, "zeroUsed", Edit.skipCall("zero", 0), 1));
        add(
                Hunt.SECTORS,
                REUSE,
                Mutant.of("zeros are not flushed", VSA + "AdminQueue", "zero", Edit.skipCall("flush", 0), 1));
        add(
                Hunt.SECTORS,
                FEW,
                Mutant.of("the high-water mark does not rise", VSA + "Catalogue", "with", Edit.skipCall("max", 0), 1));
        add(
                Hunt.SECTORS,
                FEW,
                Mutant.of("what was given out stays free", PLANE, "create", Edit.skipCall("take", 0), 1));
        add(
                Hunt.SECTORS,
                REUSE,
                Mutant.of(
                        "a deleted area is not taken out of the catalogue",
                        VSA + "Catalogue",
                        "without",
                        Edit.skipCall("remove", 0),
                        1));
        add(Hunt.SECTORS, FEW, Mutant.of("ids are given out twice", VSA + "Catalogue", "with", Edit.number(1L, 0L), 1));
    }

    private void failing() {
        add(Hunt.FAULTS, FEW, Mutant.of("a commit that failed leaves no doubt", PLANE, "commit", Edit.number(1, 0), 1));
        add(Hunt.FAULTS, FEW, Mutant.of("doubt is no obstacle", PLANE, "requireSound", Edit.fieldIs("inDoubt", 0), 1));
    }
}
