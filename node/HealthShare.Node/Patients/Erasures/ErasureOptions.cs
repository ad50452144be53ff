using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>What this hospital must keep when a patient erases (section <c>HealthShare:Erasure</c>).</summary>
public sealed class ErasureOptions
{
    /// <summary>
    /// How many days, counted from when the data arose, this node keeps its own records of a patient who erased, with their keys, for
    /// the hospital's own staff and for treatment only; 0 to 36,500. Default 0: nothing is kept, for the hospital's own systems are its
    /// medical record.
    /// </summary>
    [Range(0, 36_500)]
    public int RetainDays { get; set; }

    /// <summary>
    /// How long this node keeps its own records of a patient, with their keys, when no credential of its own list signed the erasure,
    /// counted by its own clock from when it saw the block; 3 to 30 days. Nothing is given to anyone else meanwhile. Default 72 hours.
    /// </summary>
    [Range(typeof(TimeSpan), "3.00:00:00", "30.00:00:00")]
    public TimeSpan UntrustedWait { get; set; } = TimeSpan.FromHours(72);
}

[OptionsValidator]
internal sealed partial class ErasureOptionsValidator : IValidateOptions<ErasureOptions>;
