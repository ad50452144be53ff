using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Ledger;

/// <summary>The way to the channel (section <c>HealthShare:Fabric</c>).</summary>
public sealed class FabricOptions
{
    /// <summary>Connection file of the network: channel, members, peers, identities. Required.</summary>
    [Required]
    public string ConnectionFile { get; set; } = "";

    /// <summary>Name of the identity in that file under which this node acts. Default: the member's first one.</summary>
    public string? User { get; set; }

    /// <summary>
    /// Name of this member's preferred gateway peer in that file; its other peers serve while that one is away. Default: the
    /// member's first one.
    /// </summary>
    public string? Peer { get; set; }

    /// <summary>Name of the chaincode on the channel. Default <c>healthshare</c>.</summary>
    [Required, RegularExpression("^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$")]
    public string Chaincode { get; set; } = "healthshare";

    /// <summary>Longest a query may take, 1 second to 2 minutes. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan EvaluateTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for endorsements, 1 second to 2 minutes. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan EndorseTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest wait for a transaction's block, 1 second to 5 minutes. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long before the end of a certificate the node warns, 1 to 365 days. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan WarnBeforeExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Attempts at a transaction that meets a conflict, 1 to 20. Default 6.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 6;

    /// <summary>Pause after a first conflict, 10 milliseconds to 10 seconds; each further one doubles it. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);
}

[OptionsValidator]
internal sealed partial class FabricOptionsValidator : IValidateOptions<FabricOptions>;
