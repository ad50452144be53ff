namespace HealthShare.Chaincode.Contracts;

/// <summary>Bounds on what one transaction may carry.</summary>
internal static class Limits
{
    public const int Organizations = 100;
    public const int NameLength = 100;
    public const int CredentialsAtEnrolment = 8;
    public const int RecordsPerTransaction = 100;
    public const int TokensPerDimension = 16;
    public const int CidLength = 128;
    public const long RecordBytes = 1L << 40;
    public const int HashBytes = 32;
    public const int EnvelopeBytes = 64 * 1024;
}
