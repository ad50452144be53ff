using System.Text;
using System.Text.Json.Nodes;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Fhir;

/// <summary>Writes a grant as a FHIR Consent.</summary>
internal static class GrantToFhir
{
    /// <summary>
    /// The consent that is read back as exactly this grant. It is a plain one where that suffices, which any PCF system
    /// understands; otherwise it says by a modifier extension that it is to be read by the rules of statements.
    /// </summary>
    /// <param name="grant">The grant.</param>
    /// <param name="statement">Whose it is and when it was signed.</param>
    /// <param name="version">The release of FHIR to write.</param>
    /// <param name="names">How its members and tokens are called in FHIR.</param>
    /// <exception cref="FhirRefusedException">The release has no way to say it.</exception>
    public static JsonObject Write(GrantBody grant, StatementHeader statement, FhirVersion version, ConsentNames names)
    {
        // FHIR has no place for it: what is given out says all of the grant, or nothing is.
        if (grant.Uses is not null)
            throw new FhirRefusedException("statement.body.uses", $"cannot be said in FHIR {version}.");
        foreach (var isMarked in (ReadOnlySpan<bool>)[false, true])
        {
            var consent = new FhirConsentShape(names, version).Of(grant, statement, isMarked);
            if (consent is not null && ReadsBackAs(grant, consent, names))
                return consent;
        }
        throw new FhirRefusedException("statement.body", $"cannot be said in FHIR {version}.");
    }

    private static bool ReadsBackAs(GrantBody grant, JsonObject consent, ConsentNames names)
    {
        try
        {
            var read = FhirConsentReader.Read(Encoding.UTF8.GetBytes(consent.ToJsonString()));
            return FhirConsentMapper.Map(read, names, grant.Period.Start) is [var same] && FhirConsentMapper.AreSame(same, grant);
        }
        catch (FhirRefusedException)
        {
            return false; // this form cannot say it; the caller tries the next, and refuses if there is none
        }
    }
}

/// <summary>What a consent says of the statement that it is the image of.</summary>
/// <param name="Id">Id of the statement.</param>
/// <param name="Patient">Id of the patient.</param>
/// <param name="Issued">When it was signed.</param>
internal sealed record StatementHeader(string Id, string Patient, DateTimeOffset Issued);
