using System.Collections.Frozen;

namespace HealthShare.Policy.Ids;

/// <summary>
/// The codes of HL7's value set v3 PurposeOfUse, all in the code system v3 ActReason: what may be asked for, permitted and denied.
/// Statements that are on the channel are read whatever purpose they name: one that nobody can ask for reaches nothing.
/// </summary>
public static class PurposeOfUse
{
    private static readonly FrozenSet<string> Codes = FrozenSet.Create(StringComparer.Ordinal,
        "HMARKT",
        "HOPERAT", "CAREMGT", "DONAT", "FRAUD", "GOV", "HACCRED", "HCOMPL", "HDECD", "HDIRECT", "HDM", "HLEGAL", "HOUTCOMS", "HPRGRP",
        "HQUALIMP", "HSYSADMIN", "LABELING", "METAMGT", "MEMADMIN", "MILCDM", "PATADMIN", "PATSFTY", "PERFMSR", "RECORDMGT", "SYSDEV",
        "HTEST", "TRAIN",
        "HPAYMT", "CLMATTCH", "COVAUTH", "COVERAGE", "ELIGDTRM", "ELIGVER", "ENROLLM", "MILDCRG", "REMITADV",
        "HRESCH", "BIORCH", "CLINTRCH", "CLINTRCHNPC", "CLINTRCHPC", "PRECLINTRCH", "DSRCH", "POARCH", "TRANSRCH",
        "PATRQT", "FAMRQT", "PWATRNY", "SUPNWK",
        "PUBHLTH", "DISASTER", "THREAT",
        "TREAT", "CLINTRL", "COC", "ETREAT", "BTG", "ERTREAT", "POPHLTH");

    /// <summary>True for a code of the value set.</summary>
    public static bool Contains(string? code) => code is not null && Codes.Contains(code);
}
