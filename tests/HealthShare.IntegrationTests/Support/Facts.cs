namespace HealthShare.IntegrationTests.Support;

/// <summary>A test that holds on every backend. It is left out only where a network was named that does not answer.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChannelFactAttribute : FactAttribute
{
    public ChannelFactAttribute() => Skip = Backend.SkipReason;
}

/// <summary>A test of the chaincode <c>asset</c> that holds on every backend. It is left out where a named network has no such chaincode.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AssetFactAttribute : FactAttribute
{
    public AssetFactAttribute() => Skip = Backend.AssetSkipReason;
}

/// <summary>A test of <c>asset</c>'s collections that holds on every backend. It is left out where a named network has it without them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CollectionFactAttribute : FactAttribute
{
    public CollectionFactAttribute() => Skip = Backend.CollectionSkipReason;
}

/// <summary>
/// A test that kills and freezes processes of a network that <c>network/fabric/up</c> started from this repository. It runs only
/// where <see cref="Backend.FaultsVariable"/> allows it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NetworkFaultFactAttribute : FactAttribute
{
    public NetworkFaultFactAttribute() => Skip = Backend.NetworkFaultSkipReason;
}

/// <summary>A test that needs a development ledger of its own, and why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DevLedgerFactAttribute : FactAttribute
{
    /// <param name="reason">What it does that no test may do to a network it shares, such as <c>kills its ledger</c>.</param>
    public DevLedgerFactAttribute(string reason)
    {
        Reason = reason;
        Skip = Backend.IsFabric ? $"On the development ledger only: {reason}" : null;
    }

    public string Reason { get; }
}

/// <summary>As <see cref="DevLedgerFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DevLedgerTheoryAttribute : TheoryAttribute
{
    /// <param name="reason">What it does that no test may do to a network it shares, such as <c>kills its ledger</c>.</param>
    public DevLedgerTheoryAttribute(string reason)
    {
        Reason = reason;
        Skip = new DevLedgerFactAttribute(reason).Skip;
    }

    public string Reason { get; }
}
