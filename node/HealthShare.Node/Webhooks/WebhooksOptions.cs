using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Webhooks;

/// <summary>Telling the hospital's own systems of events (section <c>HealthShare:Webhooks</c>).</summary>
public sealed class WebhooksOptions
{
    /// <summary>
    /// Networks besides public addresses that webhooks may go to, such as <c>10.20.0.0/16</c>: the hospital's own, which nobody is led to by
    /// an address that somebody typed. Default none.
    /// </summary>
    public IList<string> Networks { get; } = [];

    /// <summary>
    /// Lets webhooks go to this machine itself, by http or https: for trying them, as in the sandbox. Whatever listens there gets a POST from
    /// whoever may make webhooks. Default false.
    /// </summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Webhooks there may be, 0 to 1,000. Default 20.</summary>
    [Range(0, 1000)]
    public int Most { get; set; } = 20;

    /// <summary>How long an answer is waited for, 1 second to 1 minute. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A delivery is given up after so long, 1 minute to 30 days. Default 3 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(3);

    /// <summary>A webhook that took nothing for so long is switched off, with an incident, 1 minute to 60 days. Default 5 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "60.00:00:00")]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);
}

[OptionsValidator]
internal sealed partial class WebhooksOptionsValidator : IValidateOptions<WebhooksOptions>;
