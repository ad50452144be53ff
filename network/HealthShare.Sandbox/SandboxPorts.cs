namespace HealthShare.Sandbox;

/// <summary>Where everything listens, counted from one base so that several sandboxes fit on a machine.</summary>
/// <param name="Base">First port of the range; the highest used is 41 above it.</param>
internal sealed record SandboxPorts(int Base)
{
    /// <summary>The chaincode service.</summary>
    public int Chaincode => Base + 31;

    /// <summary>The stand-in for the hospitals' OpenID provider.</summary>
    public int Issuer => Base + 41;

    /// <summary>HTTP of a node: 1 North, 2 South, 3 East, 4 the regulator.</summary>
    public int Http(int member) => Base + member;

    /// <summary>MLLP of a hospital: 1 North, 2 South, 3 East.</summary>
    public int Mllp(int member) => Base + 10 + member;

    /// <summary>TLS listener of a member on the ledger: 1 North, 2 South, 3 East, 4 the regulator.</summary>
    public int Ledger(int member) => Base + 20 + member;
}
