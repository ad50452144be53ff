namespace HealthShare.Sandbox;

/// <summary>What the command line asks of the sandbox.</summary>
internal sealed record SandboxOptions
{
    /// <summary>First of the ports that the sandbox listens on, 1024 to 65000. Default 5100; see <see cref="SandboxPorts"/>.</summary>
    public int PortBase { get; init; } = 5100;

    /// <summary>Folder that keeps ledger, databases, content and keys between starts. Default <c>.sandbox</c>.</summary>
    public required DirectoryInfo State { get; init; }

    /// <summary>Empties <see cref="State"/> first.</summary>
    public bool Reset { get; init; }

    /// <summary>Keeps the hospitals' records in three real IPFS daemons instead of embedded stores. Needs Node.js.</summary>
    public bool Ipfs { get; init; }

    /// <summary>Plays the story on a fresh state, then stops.</summary>
    public bool Story { get; init; }

    /// <summary>Sends every message of the .hl7 files in this folder to North, then stops; null plays or serves.</summary>
    public DirectoryInfo? Messages { get; init; }
}
