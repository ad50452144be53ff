using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

internal static class NodeOptionsExtensions
{
    /// <summary>Binds <c>HealthShare:SECTION</c>, refuses names it does not know, and validates before the node starts.</summary>
    public static OptionsBuilder<T> AddNodeOptions<T, TValidator>(this IServiceCollection services, string section)
        where T : class
        where TValidator : class, IValidateOptions<T>, new()
    {
        services.AddSingleton<IValidateOptions<T>>(new NamedSetting<T>(section, new TValidator()));
        return services.AddOptions<T>()
            .BindConfiguration($"HealthShare:{section}", binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
    }

    // The generated validators name the property; whoever reads the message needs the whole path of the setting.
    private sealed class NamedSetting<T>(string section, IValidateOptions<T> inner) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var result = inner.Validate(name, options);
            return result is { Failed: true, Failures: { } failures }
                ? ValidateOptionsResult.Fail(failures.Select(failure => $"HealthShare:{section}: {failure}"))
                : result;
        }
    }
}
