using System.Text;
using Microsoft.Extensions.Logging;

namespace Consilience.Tests.World;

/// <summary>Keeps every word that is logged, exceptions with all they say included.</summary>
internal sealed class HeardLogger : ILogger
{
    private readonly StringBuilder heard = new();

    internal string Text
    {
        get
        {
            lock (heard)
                return heard.ToString();
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (heard)
            heard.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
    }
}
