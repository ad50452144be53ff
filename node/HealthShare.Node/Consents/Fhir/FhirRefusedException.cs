namespace HealthShare.Node.Consents.Fhir;

/// <summary>A Consent, or a statement, says something that the other form cannot say; nothing was mapped.</summary>
/// <param name="path">Where, such as <c>Consent.provision.provision[1].data[0].meaning</c>.</param>
/// <param name="problem">What is wrong there; never a value of the document.</param>
/// <param name="inner">The parser's own failure, when there was one.</param>
public sealed class FhirRefusedException(string path, string problem, Exception? inner = null)
    : Exception($"{path}: {problem}", inner)
{
    /// <summary>The element that was refused.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong there.</summary>
    public string Problem { get; } = problem;

    /// <summary>True when the consent is well-formed and says itself that it is not in force.</summary>
    public bool NotInForce { get; init; }
}
