import JiraCloud
import Testing
