using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.ReadModel;

/// <summary>The node's copy of the channel's state (section <c>HealthShare:ReadModel</c>).</summary>
public sealed class ReadModelOptions
{
    /// <summary>
    /// How long the copy may lag behind another member, 5 seconds to 10 minutes, before nothing is released from it. Default
    /// 60 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the members' heights are compared, 1 second to 1 minute. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan CompareEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest a request waits until its own block has reached the copy, 1 second to 1 minute. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan WaitForBlock { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class ReadModelOptionsValidator : IValidateOptions<ReadModelOptions>;
