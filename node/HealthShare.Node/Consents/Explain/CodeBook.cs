using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Keys;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Ids;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Consents.Explain;

/// <summary>What a patient's tokens stand for, where this node holds the label key: the codes that its own rules know.</summary>
internal sealed class CodeBook(LabelKeys labelKeys, IOptions<IntakeOptions> intake)
{
    private readonly Lazy<(string[] Categories, string[] Labels)> codes = new(() =>
    {
        var rules = LabelRules.Load(intake.Value.LabelsFile);
        return ([.. rules.Categories.All], [.. rules.Labels.Select(rule => rule.Label).Distinct()]);
    });

    /// <summary>True for the code of a category that this node's own rules know.</summary>
    public bool IsCategory(string code) => codes.Value.Categories.Contains(code, StringComparer.Ordinal);

    /// <summary>The codes of a patient's tokens; every token stays one where this node does not hold the label key.</summary>
    /// <param name="patientId">Patient.</param>
    /// <param name="members">MSP ids that a consent may name, which then names known roles only; null where it may name any.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<PatientCodes> OfAsync(string patientId, IReadOnlySet<string>? members, CancellationToken ct)
    {
        using var key = await labelKeys.FindAsync(patientId, ct);
        if (key is null)
            return new PatientCodes(new ChannelNames(members: members), new Dictionary<string, string>());
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var category in codes.Value.Categories)
            known[Token.Compute(key.Bytes, TokenDimension.Category, category)] = category;
        foreach (var label in codes.Value.Labels)
            known[Token.Compute(key.Bytes, TokenDimension.Label, label)] = label;
        return new PatientCodes(new ChannelNames(key.Bytes.ToArray(), codes.Value.Categories, codes.Value.Labels, members), known);
    }
}

/// <summary>Codes for the tokens of one patient.</summary>
/// <param name="Names">The same names for FHIR consents.</param>
/// <param name="Known">Code by token.</param>
internal sealed record PatientCodes(ChannelNames Names, IReadOnlyDictionary<string, string> Known)
{
    /// <summary>The code, or the token itself.</summary>
    public string Of(string token) => Known.GetValueOrDefault(token, token);
}
